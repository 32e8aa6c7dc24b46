using System.Collections;
using System.Diagnostics;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference;

/// <summary>
/// The continuation of a prompt: the prompt in batches at 16 bits, encoded batch by batch, then token by token, as far as it is asked for. It can be
/// enumerated once, as pieces of text or as token ids.
/// </summary>
public sealed class Generation : IEnumerable<string>
{
    private readonly AdaptiveSession session;
    private readonly GenerationOptions options;
    private readonly CancellationToken cancellation;
    private readonly Sampler sampler;
    private readonly List<int> ids = [];
    private int[]? prompt;
    private (TimeSpan Prompt, TimeSpan Tokens) time;
    private GenerationEnd end = GenerationEnd.Stopped;

    /// <summary>Prepares; nothing is run yet.</summary>
    /// <param name="session">Its cache may already hold a prefix.</param>
    /// <param name="prompt">At least one token.</param>
    /// <param name="options">How it is continued.</param>
    /// <param name="cancellation">Ends the generation after the current token.</param>
    /// <exception cref="ArgumentException">The prompt is empty or does not fit, or options are wrong; the message names all faults.</exception>
    public Generation(AdaptiveSession session, int[] prompt, GenerationOptions options, CancellationToken cancellation)
        : this(session, [], prompt, options, cancellation)
    {
    }

    /// <summary>The same where it is known what the cache holds: a repetition penalty hears it, too.</summary>
    internal Generation(AdaptiveSession session, ReadOnlySpan<int> held, int[] prompt, GenerationOptions options, CancellationToken cancellation)
    {
        int left = session.Cache.MaxTokens - session.Cache.Count;
        string[] faults =
        [
            .. options.Faults(),
            .. prompt.Length == 0 ? (string[])["the prompt is empty: expected at least one token"] : [],
            .. prompt.Length > left ? (string[])[$"the prompt has {prompt.Length} tokens and the session room for {left}: shorten it, or open a session of more tokens"] : [],
        ];
        if (faults.Length > 0)
        {
            throw new ArgumentException(string.Join("; ", faults));
        }

        (this.session, this.prompt, this.options, this.cancellation) = (session, prompt, options, cancellation);
        PromptTokens = prompt.Length;
        sampler = new Sampler(options.Sampling, session.Model.Shape.Vocabulary);
        sampler.Hear(held);
        sampler.Hear(prompt);
    }

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { get; }

    /// <summary>The tokens generated so far, without the one that ends the text.</summary>
    public IReadOnlyList<int> Ids => ids;

    /// <summary>What it took so far, and why it ended; <see cref="GenerationEnd.Stopped"/> while it has not.</summary>
    public GenerationStatistics Statistics => new(PromptTokens, time.Prompt, ids.Count, time.Tokens, session.Statistics(), end);

    /// <summary>The text as it grows: whole characters, perhaps none, for each token, and at the end what was held back.</summary>
    /// <exception cref="InvalidOperationException">It was enumerated before.</exception>
    public IEnumerator<string> GetEnumerator()
    {
        TextStream text = new(session.Model.Tokenizer);
        StopText stop = new(options.Stops);
        foreach (int token in Tokens())
        {
            yield return stop.Append(text.Append(token));
            if (stop.Met)
            {
                yield break;
            }
        }

        yield return stop.Append(text.Flush()) + stop.Flush();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The ids of the tokens, without the one that ends the text; texts that end a generation are not looked for.</summary>
    /// <exception cref="InvalidOperationException">It was enumerated before.</exception>
    public IEnumerable<int> Tokens()
    {
        int[] read = Interlocked.Exchange(ref prompt, null) ?? throw new InvalidOperationException("a generation can be enumerated once: begin another");
        long start = Stopwatch.GetTimestamp();
        int next = -1;
        session.PromptEnd = session.Cache.Count + read.Length;
        session.Advance(read, (_, logits) => next = sampler.Next(logits, out NextTokenStatistics _), read.Length - 1);
        time.Prompt = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        while (ids.Count < options.MaxTokens)
        {
            if (session.Model.Tokenizer.EndsGeneration(next))
            {
                end = GenerationEnd.EndOfText;
                yield break;
            }

            ids.Add(next);
            yield return next;
            if (cancellation.IsCancellationRequested || session.Cache.Count == session.Cache.MaxTokens)
            {
                end = cancellation.IsCancellationRequested ? GenerationEnd.Cancelled : GenerationEnd.CacheFull;
                yield break;
            }

            Span<float> logits = session.Step(next, out NextTokenStatistics statistics);
            next = sampler.Next(logits, statistics);
            time.Tokens = Stopwatch.GetElapsedTime(start);
        }

        end = GenerationEnd.Limit;
    }
}
