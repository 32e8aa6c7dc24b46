using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Folds the tokens' value scales into their softmax weights and requantizes the block to 7 bits.</summary>
internal static unsafe class WeightCode
{
    private const float Levels = 127f;
    private const int Lanes = 4; // Of 128-bit vectors.
    private const int WholeUnits = StreamBlock.Tokens / CodeLayout.CodedTokens;

    /// <summary>Widens the parameters of a group: 32 scales, then 32 values of code 0.</summary>
    /// <param name="units">Where the value rows start.</param>
    /// <param name="count">Units of eight tokens.</param>
    /// <param name="group">Scale group.</param>
    /// <param name="factors">[2][32].</param>
    public static void Widen<TPlanes>(byte** units, int count, int group, float* factors)
        where TPlanes : struct, IPlanes
    {
        for (int u = 0; u < count; u++, factors += CodeLayout.CodedTokens)
        {
            byte* scales = CodedRow.ValueScales(units[u], group);
            if (Avx2.IsSupported)
            {
                CodedRow.Scales8<TPlanes>(scales, out Vector256<float> minima).Store(factors);
                minima.Store(factors + StreamBlock.Tokens);
                continue;
            }

            CodedRow.Scales4<TPlanes>(scales, out Vector128<float> low).Store(factors);
            CodedRow.Scales4<TPlanes>(scales + Lanes, out Vector128<float> high).Store(factors + Lanes);
            low.Store(factors + StreamBlock.Tokens);
            high.Store(factors + StreamBlock.Tokens + Lanes);
        }
    }

    /// <summary>One group of every head, up to 32 tokens; weights times values of code 0 are added to the running sums.</summary>
    /// <param name="factors">What <see cref="Widen"/> left.</param>
    /// <param name="count">Units of eight tokens.</param>
    /// <param name="group">Scale group.</param>
    /// <param name="weights">[heads][32] softmax weights.</param>
    /// <param name="codes">[heads][32] receives 0..127.</param>
    /// <param name="steps">[heads] receives the steps: weight * scale is about code * step.</param>
    /// <param name="state">Running sums.</param>
    public static void Fold(float* factors, int count, int group, float* weights, sbyte* codes, float* steps, in SoftmaxState state)
    {
        for (int head = 0; head < state.Heads; head++, weights += StreamBlock.Tokens, codes += StreamBlock.Tokens)
        {
            float minima;
            steps[head] =
                !Avx2.IsSupported ? Narrow(factors, count, weights, codes, out minima)
                : count == WholeUnits ? Whole(factors, weights, codes, out minima)
                : Vector(factors, count, weights, codes, out minima);
            state.MinimaOf(head)[group] += minima;
        }
    }

    // For processors without 256-bit vectors.
    private static float Narrow(float* factors, int count, float* weights, sbyte* codes, out float minima)
    {
        float* scaled = stackalloc float[StreamBlock.Tokens];
        Vector128<float> largest = default, sum = default;
        int tokens = count * CodeLayout.CodedTokens;
        for (int token = 0; token < tokens; token += Lanes)
        {
            Vector128<float> weight = Vector128.Load(weights + token);
            Vector128<float> folded = weight * Vector128.Load(factors + token);
            folded.Store(scaled + token);
            largest = Vector128.Max(largest, folded);
            sum += weight * Vector128.Load(factors + StreamBlock.Tokens + token);
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

    private static float Vector(float* factors, int count, float* weights, sbyte* codes, out float minima)
    {
        Vector256<float>* scaled = stackalloc Vector256<float>[StreamBlock.Tokens / CodeLayout.CodedTokens];
        Vector256<float> largest = default;
        Vector256<float> sum = default;
        for (int u = 0; u < count; u++)
        {
            scaled[u] = Scaled(factors, weights, u * CodeLayout.CodedTokens, ref sum);
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
    private static float Whole(float* factors, float* weights, sbyte* codes, out float minima)
    {
        Vector256<float> sum = default;
        Vector256<float> a = Scaled(factors, weights, 0, ref sum), b = Scaled(factors, weights, 8, ref sum);
        Vector256<float> c = Scaled(factors, weights, 16, ref sum), d = Scaled(factors, weights, 24, ref sum);
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
    private static Vector256<float> Scaled(float* factors, float* weights, int token, ref Vector256<float> minima)
    {
        Vector256<float> weight = Avx.LoadVector256(weights + token);
        minima = Vector256.FusedMultiplyAdd(weight, Avx.LoadVector256(factors + StreamBlock.Tokens + token), minima);
        return weight * Avx.LoadVector256(factors + token);
    }

    private static float HorizontalMax(Vector256<float> vector)
    {
        Vector128<float> half = Sse.Max(vector.GetLower(), vector.GetUpper());
        half = Sse.Max(half, Sse.MoveHighToLow(half, half));
        return Sse.MaxScalar(half, Sse.Shuffle(half, half, 1)).ToScalar();
    }
}
