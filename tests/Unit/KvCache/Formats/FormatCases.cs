using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.KvCache.Formats;

/// <summary>Widths, head dimensions and groups that the formats are tested with.</summary>
internal static class FormatCases
{
    public static BitWidth[] Widths { get; } = [.. Enum.GetValues<BitWidth>().Where(width => width != BitWidth.Zero)];

    public static BitWidth[] Coded { get; } = [BitWidth.Two, BitWidth.Three, BitWidth.Four, BitWidth.Eight];

    /// <summary>Head dimension and group: every group of 32, 64 or a whole head that divides it.</summary>
    public static (int HeadDim, int Group)[] Shapes { get; } = [(32, 32), (64, 32), (64, 64), (96, 32), (96, 96), (128, 32), (128, 64), (128, 128)];

    public static TheoryData<BitWidth, int, int> All => [.. from width in Widths from shape in Shapes select (width, shape.HeadDim, shape.Group)];

    public static TheoryData<BitWidth, int, int> AllCoded => [.. from width in Coded from shape in Shapes select (width, shape.HeadDim, shape.Group)];

    public static TheoryData<BitWidth, int> WidthsAndHeads => [.. from width in Widths from heads in (int[])[1, 2, 3, 4, 6] select (width, heads)];
}
