using System.Threading.Channels;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>One continuation: waits, reads its prompt, decodes, ends.</summary>
internal sealed class Sequence
{
    private readonly ChannelWriter<Piece> pieces;
    private readonly int index;
    private readonly SequenceText text;
    private readonly int vocabulary;
    private readonly TimeProvider time;
    private readonly long submitted;
    private Sampler? sampler;
    private List<ScoredToken> scores = [];
    private TimeSpan waited;
    private TimeSpan first;
    private int generated;

    /// <summary>A sequence that waits.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="index">Which of those that are asked for together.</param>
    /// <param name="pieces">Receives what the continuation gains, the last piece with its result; is completed with what goes wrong.</param>
    /// <param name="model">The model.</param>
    /// <param name="time">The clock.</param>
    public Sequence(SequenceRequest request, int index, ChannelWriter<Piece> pieces, LlamaModel model, TimeProvider time)
    {
        (Request, this.index, this.pieces, this.time, submitted) = (request, index, pieces, time, time.GetTimestamp());
        text = new SequenceText(model.Tokenizer, request.Stops);
        vocabulary = model.Shape.Vocabulary;
    }

    /// <summary>What is wanted.</summary>
    public SequenceRequest Request { get; }

    /// <summary>Its cache; null while it waits.</summary>
    public CacheHolder? Holder { get; private set; }

    /// <summary>Whether the whole prompt is read.</summary>
    public bool HasRead => Holder!.Cache.Count >= Request.Prompt.Length;

    /// <summary>Why it ended; null while it has not.</summary>
    public GenerationEnd? Ended { get; private set; }

    /// <summary>The token that the next step takes.</summary>
    public int Next { get; private set; }

    /// <summary>Time until its first token was chosen, or its prompt scored.</summary>
    public TimeSpan First => first;

    /// <summary>Tokens of the continuation.</summary>
    public int Generated => generated;

    /// <summary>Begins.</summary>
    public void Begin(CacheHolder holder)
    {
        (Holder, waited) = (holder, time.GetElapsedTime(submitted));
        sampler = new Sampler(Request.Sampling, vocabulary);
        sampler.Hear(Request.Prompt);
    }

    /// <summary>Reads a part of the prompt; after the last one the first token is there.</summary>
    /// <param name="most">Most tokens.</param>
    public void Read(int most)
    {
        AdaptiveSession session = Holder!.Session!;
        int[] prompt = Request.Prompt;
        int start = session.Cache.Count;
        ReadOnlySpan<int> part = prompt.AsSpan(start, Math.Min(most, prompt.Length - start));
        bool last = start + part.Length == prompt.Length;
        if (Request.ScoresPrompt && start == 0)
        {
            scores.Add(new ScoredToken(prompt[0], null, []));
        }

        session.PromptEnd = Request.ScoresPrompt ? 0 : prompt.Length;
        session.Advance(part, Request.ScoresPrompt || last ? (row, logits) => Predict(start + row + 1, logits) : null, Request.ScoresPrompt ? 0 : part.Length - 1);
    }

    /// <summary>Takes the logits of a step.</summary>
    public void Take(ReadOnlySpan<float> logits, NextTokenStatistics statistics) => Accept(sampler!.Next(logits, statistics), logits, statistics);

    /// <summary>Ends with a result.</summary>
    public void End(string policy)
    {
        CacheStatistics cache = Holder!.Cache.Statistics();
        SequenceResult result = new(
            Ended!.Value, Request.Prompt.Length, generated, Holder.Shared, policy, cache.Bytes, cache.ElementsPerToken * (cache.Tokens - Holder.Shared), waited, first);
        Piece rest = text.End();
        Write(rest with { Tokens = [.. TakeScores(), .. rest.Tokens], Result = result });
    }

    /// <summary>Ends without one.</summary>
    public void Fail(Exception exception) => pieces.TryComplete(exception);

    private void Write(Piece piece) => pieces.TryWrite(piece with { Index = index });

    private void Predict(int position, ReadOnlySpan<float> logits)
    {
        NextTokenStatistics statistics = NextTokenStatistics.Of(logits);
        if (position < Request.Prompt.Length)
        {
            scores.Add(TokenScores.Of(Request.Prompt[position], logits, statistics, Request.Logprobs ?? 0));
            return;
        }

        first = time.GetElapsedTime(submitted);
        if (Request.MaxTokens == 0)
        {
            Ended = GenerationEnd.Limit;
            return;
        }

        Take(logits, statistics);
    }

    private void Accept(int token, ReadOnlySpan<float> logits, NextTokenStatistics statistics)
    {
        if (Holder!.Session!.Model.Tokenizer.EndsGeneration(token))
        {
            Ended = GenerationEnd.EndOfText;
            return;
        }

        (Next, generated) = (token, generated + 1);
        Holder.Add(token);
        Piece piece = text.Append(token, Request.Logprobs is { } likeliest ? TokenScores.Of(token, logits, statistics, likeliest) : null);
        if (scores.Count > 0)
        {
            piece = piece with { Tokens = [.. TakeScores(), .. piece.Tokens] };
        }

        if (piece.Text.Length > 0 || piece.Tokens.Count > 0)
        {
            Write(piece);
        }

        Ended = text.Stopped ? GenerationEnd.Stopped : generated == Request.MaxTokens ? GenerationEnd.Limit : null;
    }

    private List<ScoredToken> TakeScores()
    {
        List<ScoredToken> taken = scores;
        scores = [];
        return taken;
    }
}
