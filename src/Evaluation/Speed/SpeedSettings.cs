namespace AdaptiveKv.Evaluation.Speed;

/// <summary>What a speed measurement runs.</summary>
/// <param name="Depths">Cache lengths that decoding is timed at, ascending, each at least 1.</param>
/// <param name="PrefillTokens">Tokens of the prompt whose reading is timed.</param>
/// <param name="DecodeTokens">Tokens decoded, and timed one by one, at each depth.</param>
/// <param name="Repeats">How often everything is measured, each time with a new session.</param>
public sealed record SpeedSettings(IReadOnlyList<int> Depths, int PrefillTokens, int DecodeTokens, int Repeats)
{
    /// <summary>Most tokens of a depth, a prompt or a decoding: eight times the longest context of today's small models.</summary>
    public const int MostTokens = 1 << 20;

    /// <summary>Most repeats.</summary>
    public const int MostRepeats = 1000;

    /// <summary>Most sessions that decode together.</summary>
    public const int MostSessions = 256;

    /// <summary>Cache lengths, ascending, each at least 1, after which the reading of the prompt is timed too, beside that into an empty cache.</summary>
    public IReadOnlyList<int> PrefillDepths { get; init; } = [];

    /// <summary>The longest sequence that occurs.</summary>
    public int LongestSequence => Math.Max(Depths[^1] + DecodeTokens, (PrefillDepths.Count == 0 ? 0 : PrefillDepths[^1]) + PrefillTokens);
}
