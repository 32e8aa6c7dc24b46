using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Folds the tokens' value scales into their softmax weights and requantizes the block to 7 bits.</summary>
internal static unsafe class WeightCode
{
    private const float Levels = 127f;

    /// <summary>One head, one group, up to 32 tokens.</summary>
    /// <param name="units">Where the value rows start.</param>
    /// <param name="count">Units of eight tokens.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="group">Scale group.</param>
    /// <param name="weights">[32] softmax weights.</param>
    /// <param name="codes">[32] receives 0..127.</param>
    /// <param name="minima">Sum of weight times minimum.</param>
    /// <returns>Step: weight * scale is about code * step.</returns>
    public static float Fold<TPlanes>(byte** units, int count, in CodeLayout layout, int group, float* weights, sbyte* codes, out float minima)
        where TPlanes : struct, IPlanes =>
        Avx2.IsSupported
            ? Vector<TPlanes>(units, count, layout, group, weights, codes, out minima)
            : Scalar<TPlanes>(units, count, layout, group, weights, codes, out minima);

    /// <summary>The reference.</summary>
    internal static float Scalar<TPlanes>(byte** units, int count, in CodeLayout layout, int group, float* weights, sbyte* codes, out float minima)
        where TPlanes : struct, IPlanes
    {
        float* scaled = stackalloc float[StreamBlock.Tokens];
        float largest = 0f;
        minima = 0f;
        int tokens = count * CodeLayout.CodedTokens;
        for (int token = 0; token < tokens; token++)
        {
            byte* unit = units[token / CodeLayout.CodedTokens];
            int row = token % CodeLayout.CodedTokens;
            scaled[token] = weights[token] * Bfloat16.Widen(CodedRow.Scales<TPlanes>(unit, layout.HeadDim, group)[row]);
            minima += weights[token] * Bfloat16.Widen(CodedRow.Minima<TPlanes>(unit, layout.HeadDim, layout.Groups, group)[row]);
            largest = Math.Max(largest, scaled[token]);
        }

        float inverse = largest > 0f ? Levels / largest : 0f;
        for (int token = 0; token < tokens; token++)
        {
            codes[token] = (sbyte)MathF.Round(scaled[token] * inverse);
        }

        return largest / Levels;
    }

    private static float Vector<TPlanes>(byte** units, int count, in CodeLayout layout, int group, float* weights, sbyte* codes, out float minima)
        where TPlanes : struct, IPlanes
    {
        Vector256<float>* scaled = stackalloc Vector256<float>[StreamBlock.Tokens / CodeLayout.CodedTokens];
        Vector256<float> largest = default;
        Vector256<float> sum = default;
        for (int u = 0; u < count; u++)
        {
            Vector256<float> weight = Avx.LoadVector256(weights + (u * CodeLayout.CodedTokens));
            scaled[u] = weight * Bfloat16.Widen8(CodedRow.Scales<TPlanes>(units[u], layout.HeadDim, group));
            largest = Avx.Max(largest, scaled[u]);
            sum = Vector256.FusedMultiplyAdd(weight, Bfloat16.Widen8(CodedRow.Minima<TPlanes>(units[u], layout.HeadDim, layout.Groups, group)), sum);
        }

        minima = Vector256.Sum(sum);
        float top = HorizontalMax(largest);
        Vector256<float> inverse = Vector256.Create(top > 0f ? Levels / top : 0f);
        for (int u = 0; u < count; u++)
        {
            Vector256<int> rounded = Avx.ConvertToVector256Int32(scaled[u] * inverse);
            Vector128<short> words = Sse2.PackSignedSaturate(rounded.GetLower(), rounded.GetUpper());
            *(long*)(codes + (u * CodeLayout.CodedTokens)) = Sse2.PackSignedSaturate(words, words).AsInt64().ToScalar();
        }

        return top / Levels;
    }

    private static float HorizontalMax(Vector256<float> vector)
    {
        Vector128<float> half = Sse.Max(vector.GetLower(), vector.GetUpper());
        half = Sse.Max(half, Sse.MoveHighToLow(half, half));
        return Sse.MaxScalar(half, Sse.Shuffle(half, half, 1)).ToScalar();
    }
}
