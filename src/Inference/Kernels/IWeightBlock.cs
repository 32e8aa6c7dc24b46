using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// A packed block of 8 rows x 32 columns: eight planes of 32 unsigned codes (plane p, byte 4r + j = row r, column 4p + j), then the scales.
/// A weight is scale[r] * code + minimum[r]. Eight finished rows share a vector, so no horizontal sums are needed.
/// </summary>
internal unsafe interface IWeightBlock
{
    /// <summary>Bytes of one block.</summary>
    static abstract int Bytes { get; }

    /// <summary>Bytes of two planes: further planes of a block are the first two from there on.</summary>
    static abstract int PairBytes { get; }

    /// <summary>What the dots of half planes leave out of every code: see <see cref="ByteDot.Offset"/>.</summary>
    static abstract int Offset { get; }

    /// <summary>Unpacks plane <paramref name="plane"/>, a constant at every call site.</summary>
    static abstract Vector256<byte> Plane(byte* block, int plane);

    /// <summary>The codes of two neighbouring planes of two blocks as words of two columns in 16 bits: in every four columns the even ones, then the odd ones.</summary>
    static abstract void Words(
        byte* first, byte* second, out Vector512<byte> even, out Vector512<byte> odd, out Vector512<byte> nextEven, out Vector512<byte> nextOdd);

    /// <summary>The same of rows 4 half to 4 half + 3, for processors without 256-bit vectors.</summary>
    static abstract Vector128<byte> HalfPlane(byte* block, int plane, int half);

    /// <summary>sums[i] + sum over j of codes[4i+j] * weights[4i+j]; exact.</summary>
    static abstract Vector256<int> Dot(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> weights);

    /// <summary>The same of half a plane with a constant four of sixteen activations, and with codes less <see cref="Offset"/>.</summary>
    static abstract Vector128<int> Dot(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights, [ConstantExpected(Max = (byte)3)] byte four);

    /// <summary>Scales and minima of the eight rows.</summary>
    static abstract void Scales(byte* block, out Vector256<float> scale, out Vector256<float> minimum);

    /// <summary>Scales and minima of the rows of two blocks.</summary>
    static abstract void Scales(byte* first, byte* second, out Vector512<float> scale, out Vector512<float> minimum);

    /// <summary>The same of rows 4 half to 4 half + 3.</summary>
    static abstract void HalfScales(byte* block, int half, out Vector128<float> scale, out Vector128<float> minimum);

    /// <summary>One code.</summary>
    static abstract int Code(byte* block, int row, int column);

    /// <summary>Scale and minimum of one row.</summary>
    static abstract (float Scale, float Minimum) RowScale(byte* block, int row);
}
