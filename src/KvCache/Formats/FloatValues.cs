using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AdaptiveKv.KvCache.Attention;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Values as floating-point rows; the weighted sum in float arithmetic.</summary>
/// <typeparam name="TRow">Element type and order.</typeparam>
internal readonly unsafe struct FloatValues<TRow> : IValueFormat
    where TRow : struct, IFloatRow
{
    /// <inheritdoc/>
    public static bool IsCoded => false;

    /// <inheritdoc/>
    public static int Bytes(in CodeLayout layout) => layout.TokensPerUnit * layout.HeadDim * TRow.ElementBytes;

    /// <inheritdoc/>
    public static void Write(byte* unit, int token, ReadOnlySpan<float> row, in CodeLayout layout) =>
        TRow.Write(unit + (token * layout.HeadDim * TRow.ElementBytes), row);

    /// <inheritdoc/>
    public static void Read(byte* unit, int token, Span<float> row, in CodeLayout layout) =>
        TRow.Read(unit + (token * layout.HeadDim * TRow.ElementBytes), row);

    /// <inheritdoc/>
    public static void Accumulate(byte** units, int count, in CodeLayout layout, float* weights, in SoftmaxState state)
    {
        int rowBytes = layout.HeadDim * TRow.ElementBytes;
        for (int head = 0; head < state.Heads; head++)
        {
            float* weight = weights + (head * StreamBlock.Tokens);
            if (!Avx2.IsSupported)
            {
                Scalar(units, count, layout.TokensPerUnit, rowBytes, weight, state.Row(head), layout.HeadDim);
                continue;
            }

            for (int dim = 0; dim < layout.HeadDim; dim += 32)
            {
                Vector(units, count, layout.TokensPerUnit, rowBytes, weight, state.Row(head), dim);
            }
        }
    }

    /// <summary>The reference: one head, all dimensions.</summary>
    internal static void Scalar(byte** units, int count, int tokensPerUnit, int rowBytes, float* weight, float* target, int headDim)
    {
        Span<float> row = stackalloc float[headDim];
        Span<float> sums = new(target, headDim);
        for (int token = 0; token < count * tokensPerUnit; token++)
        {
            TRow.Read(units[token / tokensPerUnit] + (token % tokensPerUnit * rowBytes), row);
            TensorPrimitives.MultiplyAdd(row, weight[token], sums, sums);
        }
    }

    // Thirty-two dimensions stay in registers over all tokens of the block.
    private static void Vector(byte** units, int count, int tokensPerUnit, int rowBytes, float* weight, float* target, int dim)
    {
        Vector256<float> a = Avx.LoadVector256(target + dim), b = Avx.LoadVector256(target + dim + 8);
        Vector256<float> c = Avx.LoadVector256(target + dim + 16), d = Avx.LoadVector256(target + dim + 24);
        for (int u = 0; u < count; u++)
        {
            byte* row = units[u];
            for (int i = 0; i < tokensPerUnit; i++, row += rowBytes, weight++)
            {
                Vector256<float> factor = Vector256.Create(*weight);
                TRow.Load16(row, dim, out Vector256<float> low, out Vector256<float> high);
                a = Vector256.FusedMultiplyAdd(low, factor, a);
                b = Vector256.FusedMultiplyAdd(high, factor, b);
                TRow.Load16(row, dim + 16, out low, out high);
                c = Vector256.FusedMultiplyAdd(low, factor, c);
                d = Vector256.FusedMultiplyAdd(high, factor, d);
            }
        }

        Avx.Store(target + dim, a);
        Avx.Store(target + dim + 8, b);
        Avx.Store(target + dim + 16, c);
        Avx.Store(target + dim + 24, d);
    }
}
