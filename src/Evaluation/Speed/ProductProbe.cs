using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>Multiply-accumulates in registers, in the instructions that the kernels use; what they give is of no use.</summary>
internal static class ProductProbe
{
    private const int Chains = 12; // Enough to hide five or six cycles of latency where two units take one instruction a cycle each.

    private static readonly int Int8Lanes = Avx512BW.IsSupported ? 64 : Avx2.IsSupported ? 32 : 16;

    // One multiply-accumulate of a vector; the loop over twelve of them is the same for all.
    private interface IStep<T>
    {
        static abstract T Start { get; }

        static abstract T Next(T sum);

        static abstract T Both(T one, T other);
    }

    /// <summary>Products of <see cref="Int8"/>.</summary>
    public static long Int8Products(int repetitions) => (long)repetitions * Chains * Int8Lanes;

    /// <summary>Products of <see cref="Float"/>.</summary>
    public static long FloatProducts(int repetitions) => (long)repetitions * Chains * (Int8Lanes / sizeof(float));

    /// <summary>Unsigned times signed bytes, pairs summed to 16 bits and added.</summary>
    public static int Int8(int repetitions) =>
        Avx512BW.IsSupported ? Vector512.Sum(Run<Vector512<short>, Int8Wide>(repetitions))
        : Avx2.IsSupported ? Vector256.Sum(Run<Vector256<short>, Int8Middle>(repetitions))
        : Vector128.Sum(Run<Vector128<short>, Int8Narrow>(repetitions));

    /// <summary>Fused where the processor has that.</summary>
    public static float Float(int repetitions) =>
        Vector512.IsHardwareAccelerated ? Vector512.Sum(Run<Vector512<float>, FloatWide>(repetitions))
        : Vector256.IsHardwareAccelerated ? Vector256.Sum(Run<Vector256<float>, FloatMiddle>(repetitions))
        : Vector128.Sum(Run<Vector128<float>, FloatNarrow>(repetitions));

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static T Run<T, TStep>(int repetitions)
        where TStep : struct, IStep<T>
    {
        T a = TStep.Start, b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
        for (int round = 0; round < repetitions; round++)
        {
            a = TStep.Next(a);
            b = TStep.Next(b);
            c = TStep.Next(c);
            d = TStep.Next(d);
            e = TStep.Next(e);
            f = TStep.Next(f);
            g = TStep.Next(g);
            h = TStep.Next(h);
            i = TStep.Next(i);
            j = TStep.Next(j);
            k = TStep.Next(k);
            l = TStep.Next(l);
        }

        T[] rest = [b, c, d, e, f, g, h, i, j, k, l];
        return rest.Aggregate(a, TStep.Both);
    }

    private readonly struct Int8Wide : IStep<Vector512<short>>
    {
        public static Vector512<short> Start => Vector512.Create((short)5);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<short> Next(Vector512<short> sum) => sum + Avx512BW.MultiplyAddAdjacent(sum.AsByte(), Vector512.Create((sbyte)3));

        public static Vector512<short> Both(Vector512<short> one, Vector512<short> other) => one + other;
    }

    private readonly struct Int8Middle : IStep<Vector256<short>>
    {
        public static Vector256<short> Start => Vector256.Create((short)5);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<short> Next(Vector256<short> sum) => sum + Avx2.MultiplyAddAdjacent(sum.AsByte(), Vector256.Create((sbyte)3));

        public static Vector256<short> Both(Vector256<short> one, Vector256<short> other) => one + other;
    }

    private readonly struct Int8Narrow : IStep<Vector128<short>>
    {
        public static Vector128<short> Start => Vector128.Create((short)5);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<short> Next(Vector128<short> sum) =>
            sum + (Ssse3.IsSupported ? Ssse3.MultiplyAddAdjacent(sum.AsByte(), Vector128.Create((sbyte)3)) : sum * 3);

        public static Vector128<short> Both(Vector128<short> one, Vector128<short> other) => one + other;
    }

    private readonly struct FloatWide : IStep<Vector512<float>>
    {
        public static Vector512<float> Start => Vector512.Create(0.5f);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Next(Vector512<float> sum) => Vector512.MultiplyAddEstimate(sum, Vector512.Create(0.5f), Vector512.Create(0.25f));

        public static Vector512<float> Both(Vector512<float> one, Vector512<float> other) => one + other;
    }

    private readonly struct FloatMiddle : IStep<Vector256<float>>
    {
        public static Vector256<float> Start => Vector256.Create(0.5f);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Next(Vector256<float> sum) => Vector256.MultiplyAddEstimate(sum, Vector256.Create(0.5f), Vector256.Create(0.25f));

        public static Vector256<float> Both(Vector256<float> one, Vector256<float> other) => one + other;
    }

    private readonly struct FloatNarrow : IStep<Vector128<float>>
    {
        public static Vector128<float> Start => Vector128.Create(0.5f);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Next(Vector128<float> sum) => Vector128.MultiplyAddEstimate(sum, Vector128.Create(0.5f), Vector128.Create(0.25f));

        public static Vector128<float> Both(Vector128<float> one, Vector128<float> other) => one + other;
    }
}
