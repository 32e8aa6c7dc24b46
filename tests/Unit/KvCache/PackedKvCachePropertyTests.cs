using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;
using FsCheck;
using FsCheck.Fluent;

namespace AdaptiveKv.Unit.KvCache;

/// <summary>Random programs of stagings, appends, encodings, rewinds and truncations: the packed streams mean what a plain list means.</summary>
[Trait("Category", "Kernels")]
public sealed class PackedKvCachePropertyTests
{
    // A fixed seed: a failure on one machine is a failure on all, and a program that failed once fails again.
    private static readonly Config Programs =
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(150).WithStartSize(10).WithEndSize(60).WithReplay(20250117, 1);

    [Theory]
    [InlineData(64, 0, RangeSearch.MinMax)]
    [InlineData(64, 32, RangeSearch.Clip)]
    [InlineData(96, 0, RangeSearch.MinMax)]
    public void The_streams_hold_what_a_list_of_decoded_rows_holds(int headDim, int group, RangeSearch range)
    {
        Hold(new CacheShape(1, 2, 1, headDim), new KvCacheOptions { GroupSize = group, Range = range });
    }

    [Fact]
    public void Lanes_of_different_widths_hold_what_a_list_of_decoded_rows_holds() =>
        Hold(new CacheShape(3, 2, 1, 64), new KvCacheOptions { Profile = Spread });

    [Fact]
    public void What_is_forgotten_gives_its_memory_back()
    {
        CacheShape shape = new(1, 2, 1, 64);
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), program =>
        {
            using CachePair pair = new(shape, new KvCacheOptions(), program.Length);
            for (int i = 0; i + 1 < program.Length; i += 2)
            {
                pair.Step(program[i], program[i + 1]);
            }

            pair.Packed.Truncate(0);

            // One unit per tier stays for the next token.
            int unit = shape.Lanes * 2 * 64 * 8;
            return pair.Packed.Count == 0 && pair.Packed.Statistics().Bytes <= PackedKvCache.MaxStreams * unit;
        }).Check(Programs);
    }

    private static PrecisionProfile Spread => new(
    [
        new(KvTier.Of(BitWidth.Three), Lanes("k4v2", "k2v8", "2", "8", "k3v4", "3")),
        new(new KvTier(BitWidth.Eight, BitWidth.Four), Lanes("2", "8", "k8v3", "k2v4", "4", "k3v8")),
    ]);

    private static KvTier[] Lanes(params string[] widths) => [.. widths.Select(own => KvTier.TryParse(own, out KvTier tier) ? tier : throw new FormatException(own))];

    private static void Hold(CacheShape shape, KvCacheOptions options)
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), program =>
        {
            using CachePair pair = new(shape, options, program.Length);
            for (int i = 0; i + 1 < program.Length; i += 2)
            {
                pair.Step(program[i], program[i + 1]);
                if (pair.Difference() is { } difference)
                {
                    throw new InvalidOperationException($"after step {i / 2}: {difference}");
                }
            }

            return true;
        }).Check(Programs);
    }
}
