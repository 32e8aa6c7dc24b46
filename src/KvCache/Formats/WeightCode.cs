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
            : Narrow<TPlanes>(units, count, layout, group, weights, codes, out minima);

    // For processors without 256-bit vectors.
    private static float Narrow<TPlanes>(byte** units, int count, in CodeLayout layout, int group, float* weights, sbyte* codes, out float minima)
        where TPlanes : struct, IPlanes
    {
        const int Lanes = 4;
        float* scaled = stackalloc float[StreamBlock.Tokens];
        Vector128<float> largest = default, sum = default;
        int tokens = count * CodeLayout.CodedTokens;
        for (int token = 0; token < tokens; token += Lanes)
        {
            byte* unit = units[token / CodeLayout.CodedTokens];
            int row = token % CodeLayout.CodedTokens;
            Vector128<float> weight = Vector128.Load(weights + token);
            Vector128<float> folded = weight * Bfloat16.Widen4(CodedRow.Scales<TPlanes>(unit, layout.HeadDim, group) + row);
            folded.Store(scaled + token);
            largest = Vector128.Max(largest, folded);
            sum += weight * Bfloat16.Widen4(CodedRow.Minima<TPlanes>(unit, layout.HeadDim, layout.Groups, group) + row);
        }

        minima = Vector128.Sum(sum);
        float top = Math.Max(Math.Max(largest[0], largest[1]), Math.Max(largest[2], largest[3]));
        Vector128<float> inverse = Vector128.Create(top > 0f ? Levels / top : 0f);
        for (int token = 0; token < tokens; token += CodeLayout.CodedTokens)
        {
            Vector128<int> low = Vector128.ConvertToInt32(Vector128.Round(Vector128.Load(scaled + token) * inverse));
            Vector128<int> high = Vector128.ConvertToInt32(Vector128.Round(Vector128.Load(scaled + token + Lanes) * inverse));
            Vector128<short> words = Vector128.Narrow(low, high);
            *(long*)(codes + token) = Vector128.Narrow(words, words).AsInt64().ToScalar();
        }

        return top / Levels;
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
