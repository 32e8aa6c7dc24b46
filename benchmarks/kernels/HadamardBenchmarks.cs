using AdaptiveKv.KvCache;
using BenchmarkDotNet.Attributes;

namespace AdaptiveKv.Kernels;

/// <summary>Transforming all keys and values of one token: 180 rows of 64. The transform is its own inverse, so the rows stay bounded.</summary>
public class HadamardBenchmarks
{
    private readonly float[] rows = SmolLm.Normal(SmolLm.RowsPerToken * SmolLm.Cache.HeadDim, seed: 5);

    [Benchmark]
    public void Token()
    {
        for (int row = 0; row < rows.Length; row += SmolLm.Cache.HeadDim)
        {
            Hadamard.Transform(rows.AsSpan(row, SmolLm.Cache.HeadDim));
        }
    }
}
