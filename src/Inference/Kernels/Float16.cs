using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// binary16 to binary32 by integers: .NET 10 converts Half in software. The exponent and mantissa are shifted into place and the bias is
/// corrected by a multiplication with 2^112, which is exact and also right for subnormal halves. Infinities become 65536.
/// </summary>
internal static unsafe class Float16
{
    /// <summary>Eight consecutive halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen8(ushort* source)
    {
        Vector256<int> wide = Avx2.ShiftLeftLogical(Avx2.ConvertToVector256Int32((short*)source), 13);
        return Avx2.And(wide, Vector256.Create(unchecked((int)0x8FFFE000))).AsSingle() * Vector256.Create(5.192296858534828e33f);
    }

    /// <summary>One half.</summary>
    public static float Widen(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    /// <summary>Nearest half.</summary>
    public static ushort Round(float value) => BitConverter.HalfToUInt16Bits((Half)value);
}
