namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>
/// The 8 pairs of 6-bit scale and minimum that Q4_K and Q5_K pack into 12 bytes: bytes 0-3 and 4-7 hold the scales and minima of
/// sub-blocks 0-3 in their low 6 bits; bytes 8-11 hold the low nibbles of those of sub-blocks 4-7, whose upper 2 bits are the upper
/// bits of bytes 0-3 (scales) and 4-7 (minima).
/// </summary>
internal static class SubBlockScales
{
    public const int Bytes = 12;

    /// <summary>6-bit scale and minimum of a sub-block.</summary>
    /// <param name="packed">[Bytes].</param>
    /// <param name="subBlock">0 to 7.</param>
    public static (int Scale, int Minimum) Unpack(ReadOnlySpan<byte> packed, int subBlock)
    {
        if (subBlock < 4)
        {
            return (packed[subBlock] & 63, packed[subBlock + 4] & 63);
        }

        int low = packed[subBlock + 4];
        return ((low & 15) | ((packed[subBlock - 4] >> 6) << 4), (low >> 4) | ((packed[subBlock] >> 6) << 4));
    }
}
