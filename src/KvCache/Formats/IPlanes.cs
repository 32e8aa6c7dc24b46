using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// Packing of a chunk: eight planes of 32 codes in <see cref="Bits"/> vectors of 32 bytes.
/// Keys: plane p, byte 4r + j = token r, dimension 4p + j. Values: plane p, byte 4r + j = dimension 8(p%4) + r, token 4(p/4) + j.
/// A byte-wise multiply-add against a broadcast dword thus sums per token (keys) or per dimension (values) without shuffles.
/// </summary>
internal unsafe interface IPlanes
{
    /// <summary>Bits per code.</summary>
    static abstract int Bits { get; }

    /// <summary>What the dots of half planes leave out of every code: see <see cref="ByteDot.Offset"/>.</summary>
    static abstract int Offset { get; }

    /// <summary>Unpacks plane <paramref name="plane"/> (a constant at every call site) to 32 unsigned bytes.</summary>
    static abstract Vector256<byte> Plane(byte* chunk, int plane);

    /// <summary>Bytes 16 <paramref name="half"/> to 16 half + 15 of a plane, for processors without 256-bit vectors.</summary>
    static abstract Vector128<byte> HalfPlane(byte* chunk, int plane, int half);

    /// <summary>sums[i] + sum over j of codes[4i+j] * weights[4i+j]; exact for codes of this width and |weights| up to 127.</summary>
    static abstract Vector256<int> Dot(Vector256<int> sums, Vector256<byte> codes, Vector256<sbyte> weights);

    /// <summary>The same of half a plane with a constant four of sixteen weights, and with codes less <see cref="Offset"/>.</summary>
    static abstract Vector128<int> Dot(Vector128<int> sums, Vector128<byte> codes, Vector128<sbyte> weights, [ConstantExpected(Max = (byte)3)] byte four);

    /// <summary>Writes the codes of a plane's bytes where <paramref name="mask"/> has all bits of a byte, and leaves the others.</summary>
    static abstract void Write(byte* chunk, int plane, Vector256<byte> codes, Vector256<byte> mask);

    /// <summary>Reads one code.</summary>
    static abstract int Get(byte* chunk, int plane, int index);
}
