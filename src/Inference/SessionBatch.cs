using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference;

/// <summary>
/// Runs one token of each of several sessions together: every weight is read once for all of them. A session gets the logits and the tiers that it would get
/// from a step of its own, to the bit, whichever the others are; sessions may come and go between steps, and take steps of their own in between. Not safe for
/// use by several threads at a time.
/// </summary>
public sealed class SessionBatch : IDisposable
{
    private readonly LlamaModel model;
    private readonly ThreadTeam team;
    private readonly ThreadTeam? ownTeam;
    private readonly DecodeStep step;
    private readonly StepSequence[] sequences;
    private readonly PackedKvCache[] encoding; // Caches with tokens that leave the staging width.
    private readonly Action<int> encode;
    private int encodings;

    /// <summary>Starts the threads and prepares scratch memory.</summary>
    /// <param name="model">The model of all sessions.</param>
    /// <param name="capacity">Most sessions of a step.</param>
    /// <param name="threads">Threads, the caller included; null for as many as suit the model.</param>
    /// <exception cref="ArgumentOutOfRangeException">No session, or no thread.</exception>
    public SessionBatch(LlamaModel model, int capacity, int? threads = null)
        : this(model, capacity, threads, times: null)
    {
    }

    /// <summary>As the other, and measures where the time of steps goes.</summary>
    internal SessionBatch(LlamaModel model, int capacity, int? threads, StepTimes? times)
        : this(model, capacity, new ThreadTeam(threads ?? (model ?? throw new ArgumentNullException(nameof(model))).DefaultThreads), times) => ownTeam = team;

    /// <summary>As the other, on a team that stays its owner's.</summary>
    internal SessionBatch(LlamaModel model, int capacity, ThreadTeam team, StepTimes? times)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        (this.model, this.team) = (model, team);
        step = new DecodeStep(model, team, capacity, times);
        sequences = new StepSequence[capacity];
        encoding = new PackedKvCache[capacity];
        encode = Encode;
    }

    /// <summary>Its threads, for sessions that nobody steps while it does.</summary>
    internal ThreadTeam Team => team;

    /// <summary>Most sessions of a step.</summary>
    public int Capacity => sequences.Length;

    /// <summary>
    /// Runs one token of each session after what its cache holds and gives the oldest waiting ones their tiers, as <see cref="AdaptiveSession.Step(int)"/> does.
    /// The logits are each session's <see cref="AdaptiveSession.Logits"/>. Allocates nothing once it has met the sessions.
    /// </summary>
    /// <param name="sessions">1 to <see cref="Capacity"/> sessions of the model, each once, with room for a token; none of them in use elsewhere.</param>
    /// <param name="tokens">One for each.</param>
    /// <param name="next">Receives what each session's logits are like; empty where nobody asks.</param>
    /// <exception cref="ArgumentException">Numbers do not match, or a session is of another model, full, or there twice; nothing has run.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No such token; nothing has run.</exception>
    /// <exception cref="ArithmeticException">Logits are not numbers: the weights are damaged.</exception>
    public void Step(ReadOnlySpan<AdaptiveSession> sessions, ReadOnlySpan<int> tokens, Span<NextTokenStatistics> next = default)
    {
        Check(sessions, tokens, next.Length);
        for (int i = 0; i < sessions.Length; i++)
        {
            sequences[i] = sessions[i].Engine.Join(tokens[i]);
        }

        for (int i = 0; i < sessions.Length; i++)
        {
            sessions[i].Expect(tokens[i]);
        }

        step.Run(sequences.AsSpan(0, sessions.Length), tokens);
        encodings = 0;
        for (int i = 0; i < sessions.Length; i++)
        {
            ReadOnlySpan<KvTier> chosen = sessions[i].Choose(tokens[i], sequences[i].Next);
            if (!chosen.IsEmpty)
            {
                sessions[i].Cache.BeginEncode(chosen);
                encoding[encodings++] = sessions[i].Cache;
            }

            if (!next.IsEmpty)
            {
                next[i] = sequences[i].Next;
            }
        }

        EncodeTogether();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ownTeam?.Dispose();
        step.Dispose();
    }

    private void EncodeTogether()
    {
        if (encodings > 0)
        {
            team.Run(encode);
            foreach (PackedKvCache cache in encoding.AsSpan(0, encodings))
            {
                cache.EndEncode();
            }
        }
    }

    private void Encode(int member)
    {
        int lanes = encoding[0].Shape.Lanes;
        foreach (int lane in team.Items(encodings * lanes, member))
        {
            encoding[lane / lanes].EncodeLane(lane % lanes);
        }
    }

    private void Check(ReadOnlySpan<AdaptiveSession> sessions, ReadOnlySpan<int> tokens, int statistics)
    {
        if (sessions.IsEmpty || sessions.Length > Capacity)
        {
            throw new ArgumentException($"{sessions.Length} sessions: a step of this batch takes 1 to {Capacity}", nameof(sessions));
        }

        if (tokens.Length != sessions.Length || (statistics != 0 && statistics != sessions.Length))
        {
            throw new ArgumentException($"{tokens.Length} tokens and room for {statistics} statistics, for {sessions.Length} sessions: expected one each", nameof(tokens));
        }

        for (int i = 0; i < sessions.Length; i++)
        {
            AdaptiveSession session = sessions[i];
            string? fault = session.Model != model ? "is of another model"
                : session.Cache.Count == session.Cache.MaxTokens ? $"is full: its cache holds {session.Cache.MaxTokens} tokens"
                : sessions[..i].Contains(session) ? "is there twice"
                : null;
            if (fault is not null)
            {
                throw new ArgumentException($"session {i} {fault}", nameof(sessions));
            }
        }
    }
}
