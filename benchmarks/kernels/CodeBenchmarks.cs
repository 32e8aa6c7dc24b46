using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Formats;
using BenchmarkDotNet.Attributes;

namespace AdaptiveKv.Kernels;

/// <summary>Fitting and encoding all keys and values of one token: 180 rows of 64, one scale each.</summary>
public class CodeBenchmarks
{
    private readonly float[] rows = SmolLm.Normal(SmolLm.RowsPerToken * SmolLm.Cache.HeadDim, seed: 4);
    private readonly byte[] codes = new byte[SmolLm.Cache.HeadDim];

    [Params(2, 4, 8)]
    public int Bits { get; set; }

    [Params(RangeSearch.MinMax, RangeSearch.Clip)]
    public RangeSearch Range { get; set; }

    [Benchmark]
    public int Token()
    {
        int sum = 0;
        for (int row = 0; row < rows.Length; row += codes.Length)
        {
            ReadOnlySpan<float> group = rows.AsSpan(row, codes.Length);
            UniformCode code = UniformCode.Fit(group, Bits, Range);
            code.Encode(group, Bits, codes);
            sum += codes[0];
        }

        return sum;
    }
}
