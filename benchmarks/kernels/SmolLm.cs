using AdaptiveKv.Files;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Kernels;

/// <summary>The dimensions of SmolLM2-135M, which the kernels are measured on.</summary>
internal static class SmolLm
{
    public static CacheShape Cache { get; } = new(Layers: 30, KvHeads: 3, QueriesPerKvHead: 3, HeadDim: 64);

    /// <summary>Key and value rows of a token.</summary>
    public static int RowsPerToken => 2 * Cache.Lanes;

    /// <summary>Deterministic numbers of about a standard normal distribution (sum of twelve uniform ones, Irwin-Hall).</summary>
    public static float[] Normal(int count, ulong seed)
    {
        CounterRandom random = new(seed);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            double sum = -6;
            for (ulong j = 0; j < 12; j++)
            {
                sum += random.Uniform((ulong)i, j);
            }

            numbers[i] = (float)sum;
        }

        return numbers;
    }
}
