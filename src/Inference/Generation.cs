using System.Diagnostics;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference;

/// <summary>Continues a prompt: the prompt in chunks at 16 bits, encoded chunk by chunk, then token by token.</summary>
/// <param name="model">The model.</param>
/// <param name="session">Its session; the cache may already hold a prefix.</param>
/// <param name="sampler">Chooses tokens.</param>
/// <param name="tierOf">The tier of the token at a position, asked once its step is over.</param>
/// <param name="recent">Newest tokens that stay at 16 bits.</param>
/// <param name="observe">Sees every token that was run, in order, before it gets its tier; null where nobody looks.</param>
public sealed class Generation(
    LlamaModel model, Session session, Sampler sampler, Func<int, KvTier> tierOf, int recent = 0, TokenObserver? observe = null)
{
    /// <summary>Runs until a token ends the generation, the limit, or a cancellation.</summary>
    /// <param name="prompt">At least one token.</param>
    /// <param name="maxTokens">Most tokens to generate; what fits the cache bounds it too.</param>
    /// <param name="onToken">Receives each token that does not end the generation; false stops.</param>
    /// <param name="cancellation">Stops after the current token.</param>
    public GenerationStatistics Run(ReadOnlySpan<int> prompt, int maxTokens, Func<int, bool> onToken, CancellationToken cancellation)
    {
        if (prompt.IsEmpty)
        {
            throw new ArgumentException("the prompt is empty: expected at least one token", nameof(prompt));
        }

        long start = Stopwatch.GetTimestamp();
        int next = Prefill(prompt);
        TimeSpan promptTime = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        int generated = 0;
        GenerationEnd end = GenerationEnd.Limit;
        while (generated < maxTokens)
        {
            if (model.Tokenizer.EndsGeneration(next))
            {
                end = GenerationEnd.EndOfText;
                break;
            }

            generated++;
            bool goesOn = onToken(next);
            if (!goesOn || cancellation.IsCancellationRequested)
            {
                end = goesOn ? GenerationEnd.Cancelled : GenerationEnd.Stopped;
                break;
            }

            if (session.Cache.Count == session.Cache.MaxTokens)
            {
                end = GenerationEnd.CacheFull;
                break;
            }

            Span<float> logits = session.Decode(next);
            observe?.Invoke(0, session.Cache.Count - 1, next, logits);
            session.EncodeAllBut(recent, tierOf);
            next = sampler.Next(logits, session.Next);
        }

        return new GenerationStatistics(prompt.Length, promptTime, generated, Stopwatch.GetElapsedTime(start), session.Cache.Statistics(), end);
    }

    private int Prefill(ReadOnlySpan<int> prompt)
    {
        int next = -1;
        for (int done = 0; done < prompt.Length; done += session.Options.MaxBatch)
        {
            int count = Math.Min(session.Options.MaxBatch, prompt.Length - done);
            session.Prefill(prompt.Slice(done, count));
            Look(prompt.Slice(done, count).ToArray(), isLast: done + count == prompt.Length, ref next);
            session.EncodeAllBut(recent, tierOf);
        }

        return next;
    }

    private void Look(int[] tokens, bool isLast, ref int next)
    {
        int first = session.Cache.Count - tokens.Length;
        int firstRow = observe is not null ? 0 : isLast ? tokens.Length - 1 : tokens.Length;
        int chosen = next;
        session.VisitLogits(firstRow, tokens.Length - firstRow, (row, logits) =>
        {
            observe?.Invoke(row, first + row, tokens[row], logits);
            if (isLast && row == tokens.Length - 1)
            {
                chosen = sampler.Next(logits, out NextTokenStatistics _);
            }
        });
        next = chosen;
    }
}
