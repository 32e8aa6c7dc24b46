using AdaptiveKv.Data.Tasks;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Laboratory.Ablation;

/// <summary>What an ablation measures.</summary>
/// <param name="Widths">Bits, from many to few.</param>
/// <param name="Variants">What follows "static-" in the names of other policies; measured with the best code only.</param>
/// <param name="WindowLength">Tokens per window.</param>
/// <param name="Windows">Windows from the start of the text.</param>
/// <param name="LongWindow">Tokens of the one window that is decoded token by token; 0 for none.</param>
internal sealed record AblationPlan(IReadOnlyList<BitWidth> Widths, IReadOnlyList<string> Variants, int WindowLength, int Windows, int LongWindow)
{
    /// <summary>Bits of keys and values apart, the worst coded tokens one tier up, and the newest tokens whole.</summary>
    public static IReadOnlyList<string> UsualVariants { get; } =
    [
        "k8v4", "k4v3", "k4v2", "k8v2", "k3v2", "k2v3", "k2v4", "4+escalate5", "2+escalate5", "k3v2+recent16", "2+recent16",
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
