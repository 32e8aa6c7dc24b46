using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>Both planes of an activation at once, as its 16-bit code: two columns.</summary>
/// <typeparam name="TBlock">Weight format.</typeparam>
internal readonly unsafe struct WordTerms<TBlock> : IEightTerms
    where TBlock : struct, IWeightBlock
{
    public static int OfPair => 4;

    public static int* Codes(QuantizedRows inputs, int row, int columns) => inputs.Words(row, columns);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weights(byte* first, byte* second, out Vector512<byte> term0, out Vector512<byte> term1, out Vector512<byte> term2, out Vector512<byte> term3) =>
        TBlock.Words(first, second, out term0, out term1, out term2, out term3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> sums, Vector512<byte> weights, Vector512<byte> codes) =>
        sums + Avx512BW.MultiplyAddAdjacent(weights.AsInt16(), codes.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Total(Vector512<int> sums) => sums;
}
