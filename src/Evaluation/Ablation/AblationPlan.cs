using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.KvCache;
using AdaptiveKv.Scoring.Tasks;

namespace AdaptiveKv.Evaluation.Ablation;

/// <summary>What an ablation measures.</summary>
/// <param name="Widths">Bits, from many to few.</param>
/// <param name="Pairs">Bits of keys and of values that differ; measured with the best code only.</param>
/// <param name="WindowLength">Tokens per window.</param>
/// <param name="Windows">Windows from the start of the text.</param>
/// <param name="LongWindow">Tokens of the one window that is decoded token by token; 0 for none.</param>
public sealed record AblationPlan(IReadOnlyList<BitWidth> Widths, IReadOnlyList<KvTier> Pairs, int WindowLength, int Windows, int LongWindow)
{
    /// <summary>The pairs that keys and values are usually told apart by.</summary>
    public static IReadOnlyList<KvTier> UsualPairs { get; } =
    [
        new(BitWidth.Eight, BitWidth.Four),
        new(BitWidth.Four, BitWidth.Three),
        new(BitWidth.Four, BitWidth.Two),
        new(BitWidth.Eight, BitWidth.Two),
        new(BitWidth.Three, BitWidth.Two),
        new(BitWidth.Two, BitWidth.Four),
    ];

    /// <summary>The windows of the table by codes.</summary>
    public IReadOnlyList<TextWindow> ShortWindows => [.. Enumerable.Range(0, Windows).Select(index => new TextWindow(index * WindowLength, WindowLength, 0))];

    /// <summary>The window of the table by position; none where it was not asked for.</summary>
    public IReadOnlyList<TextWindow> LongWindows => LongWindow > 0 ? [new TextWindow(0, LongWindow, 0)] : [];

    /// <summary>Everything that is measured: a calibration must keep out of it.</summary>
    public IReadOnlyList<TextWindow> Measured => [.. ShortWindows, .. LongWindows];

    /// <summary>Tokens that the text must have.</summary>
    public int TokensNeeded => Math.Max(WindowLength * Windows, LongWindow) + 1;
}
