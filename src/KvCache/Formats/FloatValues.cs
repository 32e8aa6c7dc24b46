using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Values as floating-point rows; the weighted sum in float arithmetic.</summary>
/// <typeparam name="TRow">Element type and order.</typeparam>
internal readonly unsafe struct FloatValues<TRow> : IValueFormat
    where TRow : struct, IFloatRow
{
    public static bool IsCoded => false;

    public static int Bytes(in CodeLayout layout) => layout.TokensPerUnit * RowBytes(layout);

    public static int RowBytes(in CodeLayout layout) => layout.HeadDim * TRow.ElementBytes;

    public static void Write(byte* unit, int token, ReadOnlySpan<float> row, in CodeLayout layout) =>
        TRow.Write(unit + (token * RowBytes(layout)), row);

    public static void Read(byte* unit, int token, Span<float> row, in CodeLayout layout) =>
        TRow.Read(unit + (token * RowBytes(layout)), row);

    public static void Extract(byte* unit, int token, byte* row, in CodeLayout layout) => FloatRows.Copy(unit + (token * RowBytes(layout)), row, RowBytes(layout));

    public static void Assemble(byte** rows, int count, byte* unit, in CodeLayout layout) => FloatRows.Assemble(rows, count, layout.TokensPerUnit, RowBytes(layout), unit);

    public static void Accumulate(byte** units, int count, in CodeLayout layout, float* weights, in SoftmaxState state)
    {
        int rowBytes = RowBytes(layout);
        int tokens = count * layout.TokensPerUnit;
        byte** rows = stackalloc byte*[StreamBlock.Tokens];
        FloatRows.Locate(units, count, layout.TokensPerUnit, rowBytes, rows);
        int head = 0;
        for (; Avx512F.IsSupported && head + 3 <= state.Heads; head += 3)
        {
            FloatValues512<TRow>.Add(rows, tokens, weights + (head * StreamBlock.Tokens), state.Row(head), layout.HeadDim);
        }

        for (; Avx2.IsSupported && head + 3 <= state.Heads; head += 3)
        {
            Vector<ThreeHeads>(rows, tokens, weights + (head * StreamBlock.Tokens), state.Row(head), layout.HeadDim);
        }

        for (; Avx2.IsSupported && head < state.Heads; head++)
        {
            Vector<OneHead>(rows, tokens, weights + (head * StreamBlock.Tokens), state.Row(head), layout.HeadDim);
        }

        for (; head + 3 <= state.Heads; head += 3)
        {
            FloatValues128<TRow>.Add<ThreeHeads>(rows, tokens, weights + (head * StreamBlock.Tokens), state.Row(head), layout.HeadDim);
        }

        for (; head < state.Heads; head++)
        {
            FloatValues128<TRow>.Add<OneHead>(rows, tokens, weights + (head * StreamBlock.Tokens), state.Row(head), layout.HeadDim);
        }
    }

    public static bool CanSpread => Avx512F.IsSupported && typeof(TRow) == typeof(HalfRow);

    public static void Spread(byte** units, int count, in CodeLayout layout, float* room) => WideRow.Widen(units, count, layout, room);

    public static void AccumulateSpread(float* room, int count, in CodeLayout layout, float* weights, ReadOnlySpan<SoftmaxState> states) =>
        WideValues512.Add(room, weights, states, layout.HeadDim);

    // Sixteen dimensions of up to three heads stay in registers over all tokens of the block; the heads share every loaded value.
    private static void Vector<THeads>(byte** rows, int tokens, float* weights, float* target, int headDim)
        where THeads : struct, IHeadCount
    {
        float* second = target + headDim, third = second + headDim;
        for (int dim = 0; dim < headDim; dim += 16)
        {
            Vector256<float> low0 = Avx.LoadVector256(target + dim), high0 = Avx.LoadVector256(target + dim + 8);
            Vector256<float> low1 = default, high1 = default, low2 = default, high2 = default;
            if (THeads.Count > 1)
            {
                (low1, high1) = (Avx.LoadVector256(second + dim), Avx.LoadVector256(second + dim + 8));
                (low2, high2) = (Avx.LoadVector256(third + dim), Avx.LoadVector256(third + dim + 8));
            }

            for (int token = 0; token < tokens; token++)
            {
                TRow.Load16(rows[token], dim, out Vector256<float> low, out Vector256<float> high);
                Vector256<float> weight = Vector256.Create(weights[token]);
                low0 = Vector256.FusedMultiplyAdd(low, weight, low0);
                high0 = Vector256.FusedMultiplyAdd(high, weight, high0);
                if (THeads.Count > 1)
                {
                    weight = Vector256.Create(weights[StreamBlock.Tokens + token]);
                    low1 = Vector256.FusedMultiplyAdd(low, weight, low1);
                    high1 = Vector256.FusedMultiplyAdd(high, weight, high1);
                    weight = Vector256.Create(weights[(2 * StreamBlock.Tokens) + token]);
                    low2 = Vector256.FusedMultiplyAdd(low, weight, low2);
                    high2 = Vector256.FusedMultiplyAdd(high, weight, high2);
                }
            }

            Avx.Store(target + dim, low0);
            Avx.Store(target + dim + 8, high0);
            if (THeads.Count > 1)
            {
                Avx.Store(second + dim, low1);
                Avx.Store(second + dim + 8, high1);
                Avx.Store(third + dim, low2);
                Avx.Store(third + dim + 8, high2);
            }
        }
    }
}
