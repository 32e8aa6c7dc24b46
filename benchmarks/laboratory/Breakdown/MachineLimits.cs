using System.Diagnostics;
using AdaptiveKv.Inference.Threads;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary>What a machine can do at best, by measurement, with a number of threads.</summary>
/// <param name="Threads">The threads.</param>
/// <param name="MemoryGigabytesPerSecond">Reading memory that no cache holds.</param>
/// <param name="CacheGigabytesPerSecond">Reading what the last cache holds and the others do not.</param>
/// <param name="Int8GigaProductsPerSecond">Multiply-accumulates of unsigned with signed bytes in registers.</param>
/// <param name="FloatGigaProductsPerSecond">Multiply-accumulates of binary32 in registers.</param>
internal sealed record MachineLimits(
    int Threads, double MemoryGigabytesPerSecond, double CacheGigabytesPerSecond, double Int8GigaProductsPerSecond, double FloatGigaProductsPerSecond)
{
    private const int Rounds = 15;
    private const long MemoryBytes = 256L << 20;
    private const long CacheBytes = 12L << 20;
    private const int Repetitions = 200_000;

    /// <summary>Measures; takes a second or two and 256 MB. The best of several rounds counts: whatever else runs only slows a round down.</summary>
    /// <param name="threads">Threads of the team.</param>
    public static MachineLimits Measure(int threads)
    {
        using ThreadTeam team = new(threads);
        using NativeBuffer memory = new(MemoryBytes);
        return new MachineLimits(
            team.Threads,
            Read(team, memory, MemoryBytes),
            Read(team, memory, CacheBytes),
            Best(team, team.Threads * (double)ProductProbe.Int8Products(Repetitions), _ => ProductProbe.Int8(Repetitions)),
            Best(team, team.Threads * (double)ProductProbe.FloatProducts(Repetitions), _ => ProductProbe.Float(Repetitions)));
    }

    private static unsafe double Read(ThreadTeam team, NativeBuffer memory, long bytes)
    {
        byte* start = memory.Pointer;
        long share = bytes / team.Threads / ReadProbe.StepBytes * ReadProbe.StepBytes;
        int passes = (int)Math.Max(1, MemoryBytes / bytes);
        return Best(team, (double)share * team.Threads * passes, member =>
        {
            for (int i = 0; i < passes; i++)
            {
                ReadProbe.Read(start + (member * share), share);
            }
        });
    }

    // Units of work per nanosecond.
    private static double Best(ThreadTeam team, double work, Action<int> body)
    {
        double best = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            team.Run(body);
            best = Math.Max(best, work / Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }

        return best;
    }
}
