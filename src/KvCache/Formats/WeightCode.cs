using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Folds the tokens' value scales into their softmax weights and requantizes the block to 7 bits.</summary>
internal static unsafe class WeightCode
{
    private const float Levels = 127f;
    private const int WholeUnits = StreamBlock.Tokens / CodeLayout.CodedTokens;

    /// <summary>One head, one group, up to 32 tokens.</summary>
    /// <param name="units">Where the value rows start.</param>
    /// <param name="count">Units of eight tokens.</param>
    /// <param name="group">Scale group.</param>
    /// <param name="weights">[32] softmax weights.</param>
    /// <param name="codes">[32] receives 0..127.</param>
    /// <param name="minima">Sum of weight times minimum.</param>
    /// <returns>Step: weight * scale is about code * step.</returns>
    public static float Fold<TPlanes>(byte** units, int count, int group, float* weights, sbyte* codes, out float minima)
        where TPlanes : struct, IPlanes =>
        !Avx2.IsSupported ? Narrow<TPlanes>(units, count, group, weights, codes, out minima)
        : count == WholeUnits ? Whole<TPlanes>(units, group, weights, codes, out minima)
        : Vector<TPlanes>(units, count, group, weights, codes, out minima);

    // For processors without 256-bit vectors.
    private static float Narrow<TPlanes>(byte** units, int count, int group, float* weights, sbyte* codes, out float minima)
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
            Vector128<float> folded = weight * CodedRow.Scales4<TPlanes>(CodedRow.ValueScales(unit, group) + row, out Vector128<float> minimum);
            folded.Store(scaled + token);
            largest = Vector128.Max(largest, folded);
            sum += weight * minimum;
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

    private static float Vector<TPlanes>(byte** units, int count, int group, float* weights, sbyte* codes, out float minima)
        where TPlanes : struct, IPlanes
    {
        Vector256<float>* scaled = stackalloc Vector256<float>[StreamBlock.Tokens / CodeLayout.CodedTokens];
        Vector256<float> largest = default;
        Vector256<float> sum = default;
        for (int u = 0; u < count; u++)
        {
            scaled[u] = Scaled<TPlanes>(units[u], group, weights + (u * CodeLayout.CodedTokens), ref sum);
            largest = Avx.Max(largest, scaled[u]);
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

    // A whole block stays in registers, and its codes are packed and stored at once.
    private static float Whole<TPlanes>(byte** units, int group, float* weights, sbyte* codes, out float minima)
        where TPlanes : struct, IPlanes
    {
        Vector256<float> sum = default;
        Vector256<float> a = Scaled<TPlanes>(units[0], group, weights, ref sum), b = Scaled<TPlanes>(units[1], group, weights + 8, ref sum);
        Vector256<float> c = Scaled<TPlanes>(units[2], group, weights + 16, ref sum), d = Scaled<TPlanes>(units[3], group, weights + 24, ref sum);
        minima = Vector256.Sum(sum);
        float top = HorizontalMax(Avx.Max(Avx.Max(a, b), Avx.Max(c, d)));
        Vector256<float> inverse = Vector256.Create(top > 0f ? Levels / top : 0f);
        Vector256<short> low = Avx2.PackSignedSaturate(Avx.ConvertToVector256Int32(a * inverse), Avx.ConvertToVector256Int32(b * inverse));
        Vector256<short> high = Avx2.PackSignedSaturate(Avx.ConvertToVector256Int32(c * inverse), Avx.ConvertToVector256Int32(d * inverse));

        // The packs work within 128-bit halves; the permutation puts the dwords of each source back in order.
        Vector256<int> packed = Avx2.PackSignedSaturate(low, high).AsInt32();
        Avx.Store((int*)codes, Avx2.PermuteVar8x32(packed, Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)));
        return top / Levels;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Scaled<TPlanes>(byte* unit, int group, float* weights, ref Vector256<float> minima)
        where TPlanes : struct, IPlanes
    {
        Vector256<float> weight = Avx.LoadVector256(weights);
        Vector256<float> scales = CodedRow.Scales8<TPlanes>(CodedRow.ValueScales(unit, group), out Vector256<float> own);
        minima = Vector256.FusedMultiplyAdd(weight, own, minima);
        return weight * scales;
    }

    private static float HorizontalMax(Vector256<float> vector)
    {
        Vector128<float> half = Sse.Max(vector.GetLower(), vector.GetUpper());
        half = Sse.Max(half, Sse.MoveHighToLow(half, half));
        return Sse.MaxScalar(half, Sse.Shuffle(half, half, 1)).ToScalar();
    }
}
