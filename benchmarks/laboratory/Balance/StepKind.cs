using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Laboratory.Balance;

/// <summary>A kind of step whose work is looked at: a decoded token, a prompt, tokens of several sessions together.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Tokens">Tokens that it reads.</param>
/// <param name="Sessions">Sessions that take it together.</param>
/// <param name="Depth">Tokens that each has before.</param>
internal sealed record StepKind(string Name, int Tokens, int Sessions, int Depth)
{
    /// <summary>How every token is kept.</summary>
    public const string Policy = "static-4";

    /// <summary>Takes it some times on a team and says what each was made of.</summary>
    /// <param name="model">The model.</param>
    /// <param name="members">Of the team.</param>
    /// <param name="isTimed">Whether parts are timed, too; that adds a barrier to a step.</param>
    /// <param name="warm">Times before.</param>
    /// <param name="count">Times that are looked at.</param>
    /// <param name="feed">Gives the tokens.</param>
    public IReadOnlyList<IReadOnlyList<WorkRegion>> Take(LlamaModel model, int members, bool isTimed, int warm, int count, TokenFeed feed)
    {
        WorkLog log = new();
        using ThreadTeam team = ThreadTeam.Of(members);
        EngineSetup setup = new(members, CodeSetup.Default.For(model).Options) { Team = team, Times = isTimed ? new StepTimes(members, log) : null };
        AdaptiveSession[] sessions = [.. Enumerable.Range(0, Sessions).Select(_ => new AdaptiveSession(model, PolicyCatalog.ParseOne(Policy), CacheMode.Prefill, setup, Depth + Tokens))];
        using SessionBatch batch = new(model, Sessions, team, setup.Times);
        try
        {
            List<IReadOnlyList<WorkRegion>> seen = [];
            for (int i = 0; i < warm + count; i++)
            {
                foreach (AdaptiveSession session in sessions)
                {
                    session.Truncate(Math.Min(Depth, session.Cache.Count));
                    feed.Fill(session, Depth);
                }

                team.Log = log;
                Run(sessions, batch, feed);
                team.Log = null;
                if (i >= warm)
                {
                    seen.Add([.. log.Regions]);
                }

                log.Regions.Clear();
            }

            return seen;
        }
        finally
        {
            Array.ForEach(sessions, session => session.Dispose());
        }
    }

    private void Run(AdaptiveSession[] sessions, SessionBatch batch, TokenFeed feed)
    {
        if (Tokens > 1)
        {
            feed.Fill(sessions[0], Depth + Tokens);
        }
        else if (Sessions > 1)
        {
            batch.Step(sessions, [.. sessions.Select(feed.Next)]);
        }
        else
        {
            sessions[0].Step(feed.Next(sessions[0]));
        }
    }
}
