using AdaptiveKv.Files;

namespace AdaptiveKv.Unit.Files;

public sealed class CounterRandomTests
{
    /// <summary>Known answers that the authors of Philox publish with Random123 (kat_vectors, philox4x32 10).</summary>
    [Theory]
    [InlineData(0UL, 0UL, 0UL, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x85a308d3243f6a88UL, 0x0370734413198a2eUL, 0x299f31d0a4093822UL, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Known_answers(ulong counter, ulong stream, ulong seed, uint x0, uint x1, uint x2, uint x3) =>
        Assert.Equal((x0, x1, x2, x3), new CounterRandom(seed).Block(counter, stream));

    [Fact]
    public void Uniform_numbers_fill_the_unit_interval_evenly()
    {
        var random = new CounterRandom(1);
        int[] tenths = new int[10];
        for (ulong counter = 0; counter < 100_000; counter++)
        {
            tenths[(int)(10 * random.Uniform(counter))]++;
        }

        // 4.5 standard deviations of a count of 10,000.
        Assert.All(tenths, count => Assert.InRange(count, 9_570, 10_430));
    }

    [Fact]
    public void Seed_counter_and_stream_each_change_the_number()
    {
        var random = new CounterRandom(1);
        Assert.Equal(random.Bits(5, 6), new CounterRandom(1).Bits(5, 6));
        ulong[] others = [random.Bits(5, 6), random.Bits(6, 6), random.Bits(5, 7), new CounterRandom(2).Bits(5, 6)];
        Assert.Equal(4, others.Distinct().Count());
    }
}
