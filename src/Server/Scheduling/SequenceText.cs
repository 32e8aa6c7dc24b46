using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>The text of a continuation while it grows: characters and stop texts may be cut by tokens; what may be the beginning of a stop text is held back, its tokens too.</summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="stops">Texts that end it.</param>
internal sealed class SequenceText(Tokenizer tokenizer, IReadOnlyList<string> stops)
{
    private readonly TextStream text = new(tokenizer);
    private readonly StopText stop = new(stops);
    private readonly Queue<(ScoredToken Token, int Start, int End)> held = [];
    private int length;
    private int shown;

    /// <summary>Whether a stop text was met.</summary>
    public bool Stopped => stop.Met;

    /// <summary>Adds a token.</summary>
    /// <param name="token">Its id.</param>
    /// <param name="score">Its score; null where nobody asks.</param>
    /// <returns>What can be shown now.</returns>
    public Piece Append(int token, ScoredToken? score)
    {
        ReadOnlySpan<char> part = text.Append(token);
        if (score is not null)
        {
            held.Enqueue((score, length, length + part.Length));
        }

        length += part.Length;
        return Show(stop.Append(part));
    }

    /// <summary>Ends the text.</summary>
    /// <returns>What was held back.</returns>
    public Piece End() => Show(Stopped ? string.Empty : stop.Append(text.Flush()) + stop.Flush());

    private Piece Show(string more)
    {
        shown += more.Length;
        List<ScoredToken> tokens = [];
        while (held.TryPeek(out (ScoredToken Token, int Start, int End) next) && (next.End <= shown || (Stopped && next.Start < shown)))
        {
            tokens.Add(held.Dequeue().Token);
        }

        return new Piece(more, tokens);
    }
}
