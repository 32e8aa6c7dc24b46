using AdaptiveKv.Data.Tasks;

namespace AdaptiveKv.Unit.Data.Tasks;

public sealed class ItemSampleTests
{
    private static readonly MultipleChoiceItem[] Items =
        [.. Enumerable.Range(0, 1000).Select(number => new MultipleChoiceItem($"{number}", "c", ["a", "b"], 0))];

    [Fact]
    public void The_same_seed_gives_the_same_items_in_file_order()
    {
        ItemSample sample = ItemSample.Draw(Items, 50, 42);

        int[] numbers = Numbers(sample);
        Assert.Equal(numbers.Order(), numbers);
        Assert.Equal(50, numbers.Distinct().Count());
        Assert.Equal(numbers, Numbers(ItemSample.Draw(Items, 50, 42)));
        Assert.NotEqual(numbers, Numbers(ItemSample.Draw(Items, 50, 43)));
        Assert.True(sample.Items.Count < sample.Total);
        Assert.Equal((1000, 42ul), (sample.Total, sample.Seed));
    }

    /// <summary>Expected from a second implementation; a change of the generator would silently change every published sample.</summary>
    [Fact]
    public void The_sample_of_a_seed_never_changes() => Assert.Equal([3, 446, 566, 746, 971], Numbers(ItemSample.Draw(Items, 5, 1)));

    [Theory]
    [InlineData(null)]
    [InlineData(1000)]
    [InlineData(5000)]
    public void Without_a_smaller_limit_every_item_is_taken(int? limit)
    {
        ItemSample sample = ItemSample.Draw(Items, limit, 42);

        Assert.Equal(Items, sample.Items);
        Assert.Equal(sample.Total, sample.Items.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_limit_below_one_is_refused(int limit) => Assert.Throws<ArgumentOutOfRangeException>(() => ItemSample.Draw(Items, limit, 42));

    /// <summary>Each of 10 items should be among 3 drawn in 3/10 of 20,000 seeds: 6,000 with standard deviation 65; 5 deviations are allowed.</summary>
    [Fact]
    public void Every_item_is_equally_likely()
    {
        MultipleChoiceItem[] ten = Items[..10];
        int[] drawn = new int[10];
        for (ulong seed = 0; seed < 20_000; seed++)
        {
            foreach (int number in Numbers(ItemSample.Draw(ten, 3, seed)))
            {
                drawn[number]++;
            }
        }

        Assert.All(drawn, count => Assert.InRange(count, 6000 - 325, 6000 + 325));
    }

    private static int[] Numbers(ItemSample sample) => [.. sample.Items.Select(item => int.Parse(item.Id))];
}
