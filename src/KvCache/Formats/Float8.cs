using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>
/// Unsigned 8-bit floats of 5 exponent and 3 mantissa bits, from 2^-18 to 1.75 * 2^13: the upper bits of a binary32 whose exponent is counted from there, so that widening is
/// one addition and one shift. Neighbours are 7 to 13 % apart. There is no 0.
/// </summary>
internal static unsafe class Float8
{
    /// <summary>What stands for a number that is none.</summary>
    public const byte NaN = 255;

    private const int Shift = 20;
    private const int Offset = (127 - 18) << 3;

    /// <summary>Exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(int bits) => bits == NaN ? float.NaN : BitConverter.Int32BitsToSingle((bits + Offset) << Shift);

    /// <summary>The nearest to a number of 0 or more.</summary>
    public static byte Round(float value) => Above(value, (1 << (Shift - 1)) - 1 + ((BitConverter.SingleToInt32Bits(value) >> Shift) & 1));

    /// <summary>The smallest that is not less than a number of 0 or more; the largest where all are.</summary>
    public static byte Ceiling(float value) => Above(value, (1 << Shift) - 1);

    /// <summary>Eight consecutive ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen8(byte* source) => Widen(Avx2.ConvertToVector256Int32(source));

    /// <summary>Eight of them, each in 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen(Vector256<int> bits) =>
        (((bits + Vector256.Create(Offset)) << Shift) | Vector256.Equals(bits, Vector256.Create((int)NaN))).AsSingle();

    /// <summary>Four consecutive ones, for processors without 256-bit vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Widen4(byte* source)
    {
        Vector128<int> bits = Bytes4(source);
        return (((bits + Vector128.Create(Offset)) << Shift) | Vector128.Equals(bits, Vector128.Create((int)NaN))).AsSingle();
    }

    /// <summary>Four bytes, each in 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Bytes4(byte* source) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(uint*)source).AsByte())).AsInt32();

    private static byte Above(float value, int addend) => float.IsFinite(value)
        ? (byte)Math.Clamp(((BitConverter.SingleToInt32Bits(value) + addend) >> Shift) - Offset, 0, NaN - 1)
        : NaN;
}
