using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Laboratory.Ablation;

/// <summary>One code of the ablation.</summary>
/// <param name="Name">As the table shows it.</param>
/// <param name="Parts">Parts of the calibrated transform; null for keys and values as they are.</param>
/// <param name="Range">How ranges are chosen.</param>
/// <param name="GroupSize">Elements that share a scale; 0 stands for a whole head.</param>
/// <param name="Sinks">First tokens at 16 bits.</param>
/// <param name="Simulation">For codes that the cache does not hold: how a number of bits is simulated; null for real ones.</param>
/// <param name="Method">How a simulation reads; null for real ones.</param>
/// <param name="Widths">The bits it is made for; null for all.</param>
internal sealed record AblationCode(
    string Name,
    TransformOptions? Parts,
    RangeSearch Range = RangeSearch.Clip,
    int GroupSize = 0,
    int Sinks = 0,
    Func<int, SimulatedCode>? Simulation = null,
    string? Method = null,
    IReadOnlyList<BitWidth>? Widths = null)
{
    private static readonly TransformOptions Full = new();

    /// <summary>What akv recommends: everything that pays for itself.</summary>
    public static AblationCode Best { get; } = new("mu + D + H + clip, 1 sink", Full, Sinks: 1);

    /// <summary>From the usual code to the best one, a part at a time; then what was tried beside it.</summary>
    public static IReadOnlyList<AblationCode> All { get; } =
    [
        new("min/max", null, RangeSearch.MinMax),
        new("min/max, group 32", null, RangeSearch.MinMax, 32),
        new("H + clip", new TransformOptions(Center: false, Balance: false)),
        new("mu + clip", new TransformOptions(Balance: false, Rotate: false)),
        new("mu + D + clip", new TransformOptions(Rotate: false)),
        new("mu + D + H + clip", Full),
        Best,
        new("mu + D + H + clip, 1 sink, group 32", Full, GroupSize: 32, Sinks: 1),
        new("mu + D + H + clip, 1 sink, balanced values", new TransformOptions(BalanceValues: true), Sinks: 1),
        new(
            "mu + D + H + Lloyd-Max, 1 sink (simulated)",
            Full,
            Sinks: 1,
            Simulation: bits => new LloydMaxCode(bits),
            Method: "decode",
            Widths: [BitWidth.Four, BitWidth.Three, BitWidth.Two]),
        new(
            "KIVI-like: keys by channel (simulated)",
            null,
            Simulation: bits => new ChannelKeyCode(bits),
            Method: "groups of 32",
            Widths: [BitWidth.Four, BitWidth.Two]),
    ];
}
