using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache;

/// <summary>
/// binary16 by integers: .NET 10 converts Half in software. Exponent and mantissa are shifted into place and the bias is corrected by a
/// multiplication with a power of two, which is exact and also right for subnormal halves. There are no infinities and NaNs here: larger
/// numbers saturate at 65504 when stored, and model weights are checked when they are packed.
/// </summary>
internal static unsafe class Binary16
{
    private const float Largest = 65504f;
    private const float Widening = 5.192296858534828e33f; // 2^112
    private const float Narrowing = 1.925929944387236e-34f; // 2^-112
    private const int FieldMask = unchecked((int)0x8FFFE000);

    /// <summary>Eight consecutive halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen8(ushort* source)
    {
        Vector256<int> wide = Avx2.ShiftLeftLogical(Avx2.ConvertToVector256Int32((short*)source), 13);
        return Avx2.And(wide, Vector256.Create(FieldMask)).AsSingle() * Vector256.Create(Widening);
    }

    /// <summary>Eight consecutive halves and eight others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Widen16(ushort* first, ushort* second)
    {
        Vector512<int> wide = Avx512F.ConvertToVector512Int32(Vector256.Create(Vector128.Load((short*)first), Vector128.Load((short*)second))) << 13;
        return (wide & Vector512.Create(FieldMask)).AsSingle() * Widening;
    }

    /// <summary>Four consecutive halves, for processors without 256-bit vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Widen4(ushort* source)
    {
        Vector128<int> wide = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(double*)source).AsInt16()) << 13; // As a double: no way round by a general register.
        return (wide & Vector128.Create(FieldMask)).AsSingle() * Vector128.Create(Widening);
    }

    /// <summary>The halves in the low and in the high 16 bits of eight dwords.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WidenPairs(Vector256<int> pairs, out Vector256<float> low, out Vector256<float> high)
    {
        Vector256<int> mask = Vector256.Create(FieldMask);
        Vector256<float> scale = Vector256.Create(Widening);
        low = Avx2.And(Avx2.ShiftRightArithmetic(Avx2.ShiftLeftLogical(pairs, 16), 3), mask).AsSingle() * scale;
        high = Avx2.And(Avx2.ShiftRightArithmetic(pairs, 3), mask).AsSingle() * scale;
    }

    /// <summary>The halves in the low and in the high 16 bits of four dwords.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WidenPairs(Vector128<int> pairs, out Vector128<float> low, out Vector128<float> high)
    {
        Vector128<int> mask = Vector128.Create(FieldMask);
        Vector128<float> scale = Vector128.Create(Widening);
        low = (((pairs << 16) >> 3) & mask).AsSingle() * scale;
        high = ((pairs >> 3) & mask).AsSingle() * scale;
    }

    /// <summary>The halves in the low and in the high 16 bits of sixteen dwords.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WidenPairs(Vector512<int> pairs, out Vector512<float> low, out Vector512<float> high)
    {
        Vector512<int> mask = Vector512.Create(FieldMask);
        Vector512<float> scale = Vector512.Create(Widening);
        low = (((pairs << 16) >> 3) & mask).AsSingle() * scale;
        high = ((pairs >> 3) & mask).AsSingle() * scale;
    }

    /// <summary>One half.</summary>
    public static float Widen(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    /// <summary>Nearest half, ties to even, saturating.</summary>
    public static ushort Round(float value) => BitConverter.HalfToUInt16Bits((Half)Math.Clamp(value, -Largest, Largest));

    /// <summary>Nearest halves in the low 16 bits of eight dwords.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Round8(Vector256<float> values)
    {
        Vector256<float> magnitude = Vector256.Min(Vector256.Abs(values), Vector256.Create(Largest)) * Narrowing;
        Vector256<int> bits = magnitude.AsInt32();
        Vector256<int> even = (bits >> 13) & Vector256<int>.One;
        Vector256<int> half = (bits + Vector256.Create(0x0FFF) + even) >> 13;
        return half | ((values.AsInt32() >>> 16) & Vector256.Create(0x8000));
    }

    /// <summary>Nearest halves in the low 16 bits of four dwords.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Round4(Vector128<float> values)
    {
        Vector128<float> magnitude = Vector128.Min(Vector128.Abs(values), Vector128.Create(Largest)) * Narrowing;
        Vector128<int> bits = magnitude.AsInt32();
        Vector128<int> even = (bits >> 13) & Vector128<int>.One;
        Vector128<int> half = (bits + Vector128.Create(0x0FFF) + even) >> 13;
        return half | ((values.AsInt32() >>> 16) & Vector128.Create(0x8000));
    }

    /// <summary>Rounds to binary16 and back, in place.</summary>
    public static void Through(Span<float> values)
    {
        int i = 0;
        for (; Vector256.IsHardwareAccelerated && i + 8 <= values.Length; i += 8)
        {
            Vector256<int> half = Round8(Vector256.Create<float>(values[i..]));
            Vector256<int> field = ((half << 16) >> 3) & Vector256.Create(FieldMask);
            (field.AsSingle() * Vector256.Create(Widening)).CopyTo(values[i..]);
        }

        for (; i + 4 <= values.Length; i += 4)
        {
            WidenPairs(Round4(Vector128.Create<float>(values[i..])), out Vector128<float> rounded, out _);
            rounded.CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            values[i] = Widen(Round(values[i]));
        }
    }
}
