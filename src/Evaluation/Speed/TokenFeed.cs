using AdaptiveKv.Inference;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>Gives sessions the tokens of a benchmark and says how many have been read.</summary>
/// <param name="ids">At least as many as the longest sequence.</param>
/// <param name="progress">Hears the number of tokens read so far, by all sessions.</param>
/// <param name="cancellation">Ends the run between two steps.</param>
internal sealed class TokenFeed(TokenIds ids, IProgress<long>? progress, CancellationToken cancellation)
{
    private long done;

    /// <summary>Fills a session's cache up to <paramref name="depth"/> tokens, a batch at a time.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public void Fill(AdaptiveSession session, int depth)
    {
        while (session.Cache.Count < depth)
        {
            int start = session.Cache.Count;
            ReadOnlySpan<int> batch = Next(start, Math.Min(session.Engine.Options.MaxBatch, depth - start));
            session.Advance(batch, visit: null);
            Report(batch.Length);
        }
    }

    /// <summary>The tokens of a batch.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public ReadOnlySpan<int> Next(int position, int count)
    {
        cancellation.ThrowIfCancellationRequested();
        return ids.Ids.Span.Slice(position, count);
    }

    /// <summary>The token that follows what a session's cache holds.</summary>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public int Next(AdaptiveSession session) => Next(session.Cache.Count, 1)[0];

    /// <summary>Counts tokens that were read.</summary>
    public void Report(int tokens)
    {
        done += tokens;
        progress?.Report(done);
    }
}
