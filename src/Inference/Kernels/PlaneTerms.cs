using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>
/// The high plane alone against 4-bit weights: four columns, twice as many products in an instruction. A code is at most 15, so that the sums of a block stay
/// within 16 bits (8 * 2 * 15 * 127 = 30,480).
/// </summary>
internal readonly unsafe struct PlaneTerms : IEightTerms
{
    public static int OfPair => 2;

    public static int* Codes(QuantizedRows inputs, int row, int columns) => (int*)inputs.Codes(row, columns);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weights(byte* first, byte* second, out Vector512<byte> term0, out Vector512<byte> term1, out Vector512<byte> term2, out Vector512<byte> term3)
    {
        Q4Block.Planes(first, second, out term0, out term1);
        (term2, term3) = (default, default);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> sums, Vector512<byte> weights, Vector512<byte> codes) =>
        (sums.AsInt16() + Avx512BW.MultiplyAddAdjacent(weights, codes.AsSByte())).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Total(Vector512<int> sums) => Avx512BW.MultiplyAddAdjacent(sums.AsInt16(), Vector512.Create((short)QuantizedRows.HighWeight));
}
