using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache;

/// <summary>bfloat16 is the upper half of binary32, so widening is one shift; .NET 10's Half has no vector conversion.</summary>
internal static unsafe class Bfloat16
{
    /// <summary>Rounds to nearest, ties to even. NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)0x7FC0 : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>As <see cref="Round"/>, widened again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Rounded(Vector256<float> values)
    {
        Vector256<uint> bits = values.AsUInt32();
        bits = (bits + Vector256.Create(0x7FFFu) + ((bits >> 16) & Vector256<uint>.One)) & Vector256.Create(0xFFFF0000);
        return Vector256.ConditionalSelect(Vector256.IsNaN(values), Vector256.Create(0x7FC00000u).AsSingle(), bits.AsSingle());
    }

    /// <summary>The bits of a number that was rounded.</summary>
    public static ushort Upper(float rounded) => (ushort)(BitConverter.SingleToUInt32Bits(rounded) >> 16);

    /// <summary>Exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Eight consecutive bfloat16 to eight binary32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen8(ushort* source) =>
        Avx2.ShiftLeftLogical(Avx2.ConvertToVector256Int32(source), 16).AsSingle();

    /// <summary>Four consecutive bfloat16 to four binary32, for processors without 256-bit vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Widen4(ushort* source) =>
        (Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)source).AsUInt16()) << 16).AsSingle();
}
