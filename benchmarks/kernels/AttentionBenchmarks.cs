using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Policies;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Parameters;

namespace AdaptiveKv.Kernels;

/// <summary>All attention of one decoded token at a depth of 4,096 on one thread: 30 layers x 3 KV heads, 3 query heads each.</summary>
public class AttentionBenchmarks
{
    private const int Depth = 4096;

    // Benchmarks run in this process, so that a column finds here what the set-up saw.
    private static readonly Dictionary<string, long> CacheBytes = [];

    private PackedKvCache cache = null!;
    private AttentionWorker worker = null!;
    private float[] queries = [];
    private readonly float[] output = new float[SmolLm.Cache.QueriesPerKvHead * SmolLm.Cache.HeadDim];

    [Params("16", "8", "4", "3", "2", "k8v4")]
    public string Tier { get; set; } = "";

    [GlobalSetup]
    public void Fill()
    {
        cache = FilledCache(Tier);
        CacheBytes[Tier] = cache.Statistics().Bytes;
        worker = new AttentionWorker(cache);
        queries = SmolLm.Normal(output.Length, seed: 2);
    }

    [GlobalCleanup]
    public void Free()
    {
        worker.Dispose();
        cache.Dispose();
    }

    [Benchmark]
    public void Token()
    {
        for (int layer = 0; layer < SmolLm.Cache.Layers; layer++)
        {
            for (int head = 0; head < SmolLm.Cache.KvHeads; head++)
            {
                worker.Begin(layer, head, cache.Count, queries);
                worker.Attend(layer, head, cache.Counts);
                worker.Finish(head, output);
            }
        }
    }

    internal static Work WorkOf(ParameterInstances parameters) =>
        new(CacheBytes[(string)parameters[nameof(Tier)]], (double)Depth * SmolLm.Cache.ElementsPerToken * SmolLm.Cache.QueriesPerKvHead);

    private static PackedKvCache FilledCache(string tier)
    {
        CacheShape shape = SmolLm.Cache;
        PackedKvCache filled = new(shape, new KvCacheOptions { MaxTokens = Depth });
        KvTier chosen = PolicyCatalog.ParseOne("static-" + tier).Choose(0);

        // Rows repeat with a period that no unit of the cache has.
        float[] rows = SmolLm.Normal(97 * shape.HeadDim, seed: 3);
        int row = 0;
        for (int token = 0; token < Depth; token++)
        {
            TokenPlace place = filled.Append(chosen);
            for (int lane = 0; lane < shape.Lanes; lane++)
            {
                filled.WriteKey(place, lane, Next());
                filled.WriteValue(place, lane, Next());
            }
        }

        return filled;

        ReadOnlySpan<float> Next() => rows.AsSpan(row++ % 97 * shape.HeadDim, shape.HeadDim);
    }
}
