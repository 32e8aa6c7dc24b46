using AdaptiveKv.Collection.Teacher;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference;
using TorchSharp;

namespace AdaptiveKv.Unit.Collection.Teacher;

/// <summary>Costs by gradients on the micro model; alone, because the live tensors of the process are counted.</summary>
[Collection(Alone.Name)]
public sealed class FisherCostsTests(MicroModel micro) : IClassFixture<MicroModel>, IDisposable
{
    private static readonly KvTier[] Tiers = [KvTier.Of(BitWidth.Two), KvTier.Of(BitWidth.Three), KvTier.Of(BitWidth.Four), KvTier.Of(BitWidth.Eight)];

    private TorchLlama? teacher;

    public void Dispose() => teacher?.Dispose();

    [Fact]
    public void Fewer_bits_cost_more_and_parts_are_of_their_own_lane()
    {
        int[] tokens = micro.Tokens(60);
        using FisherCosts costs = Costs(null);

        float[][] found = costs.Of(tokens, 0, new CounterRandom(1), TestContext.Current.CancellationToken);

        Assert.All(found, tier => Assert.All(tier, cost => Assert.True(float.IsFinite(cost) && cost >= 0, $"{cost}")));
        Assert.All(found.Zip(found.Skip(1)), pair => Assert.InRange(pair.Second.Sum(), 0, 0.5 * pair.First.Sum()));
        int parts = 2 * micro.Int8.CacheShape.Lanes;
        Assert.Equal(60 * parts, found[0].Length);
        Assert.Equal(0f, found[0][^parts..].Sum());
        Assert.All(Enumerable.Range(0, parts), part => Assert.True(found[0].Where((_, i) => i % parts == part).Sum() > 0, $"part {part}"));
    }

    /// <summary>A space that is stretched takes its errors and gradients along.</summary>
    [Fact]
    public void The_space_is_the_transforms()
    {
        CacheShape shape = micro.Int8.CacheShape;
        float[] fours = [.. Enumerable.Repeat(4f, shape.Lanes * shape.HeadDim)];
        int[] tokens = micro.Tokens(40);

        using FisherCosts plain = Costs(new KvTransform(shape, rotate: true)), stretched = Costs(new KvTransform(shape, rotate: true, balance: fours, valueBalance: fours));

        float[][] expected = plain.Of(tokens, 0, new CounterRandom(1), TestContext.Current.CancellationToken);
        float[][] found = stretched.Of(tokens, 0, new CounterRandom(1), TestContext.Current.CancellationToken);

        Assert.All(expected.Zip(found), tier => Assert.Equal(tier.First, tier.Second));
    }

    [Fact]
    public void Memory_does_not_grow_from_text_to_text()
    {
        using FisherCosts costs = Costs(null);
        long early = 0;
        for (int text = 0; text < 8; text++)
        {
            _ = costs.Of(micro.Tokens(30 + text), 0, new CounterRandom((ulong)text), TestContext.Current.CancellationToken);
            early = text == 1 ? torch.Tensor.TotalCount : early;
        }

        Assert.Equal(early, torch.Tensor.TotalCount);
    }

    private FisherCosts Costs(KvTransform? transform)
    {
        teacher ??= TeacherModel.Open(SharedFiles.MicroModel);
        return new FisherCosts(teacher, micro.Int8, new KvCacheOptions { Range = RangeSearch.Clip, Transform = transform }, Tiers, samples: 2, maxTokens: 64);
    }
}
