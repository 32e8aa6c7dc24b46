using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Threads;

namespace AdaptiveKv.Unit.Inference.Decoding;

public sealed class ProductUnitsTests
{
    [Theory]
    [InlineData(72, 1, 1, 18)]
    [InlineData(72, 1, 2, 18)] // SmolLM2-135M on two threads: whole tiles, of its keys, too.
    [InlineData(24, 1, 2, 6)]
    [InlineData(72, 1, 6, 18)]
    [InlineData(72, 1, 16, 36)] // Half tiles for single rows.
    [InlineData(72, 8, 16, 18)] // Nothing to halve for a small batch.
    [InlineData(72, 256, 2, 18)]
    [InlineData(72, 256, 16, 54)] // Groups of rows for a large one,
    [InlineData(72, 256, 64, 144)] // none with fewer than 32.
    [InlineData(23, 256, 4, 12)]
    [InlineData(1, 5, 512, 1)]
    public void There_are_as_many_as_the_threads_need_where_that_costs_nothing(int octets, int rows, int threads, int expected) =>
        Assert.Equal(expected, ProductUnits.Of(octets, rows, threads).Count);

    [Theory]
    [InlineData(72, 256, 16)]
    [InlineData(23, 100, 11)]
    [InlineData(5, 3, 64)]
    [InlineData(1, 67, 3)]
    public void Every_octet_of_every_row_is_in_one_of_them(int octets, int rows, int threads)
    {
        ProductUnits units = ProductUnits.Of(octets, rows, threads);
        int[] times = new int[octets * rows];
        for (int part = 0; part < 5; part++)
        {
            for (WorkShare left = WorkShare.Of(units.Count, part, 5); left.Count > 0;)
            {
                left = units.Split(left, out WorkShare ofOctets, out WorkShare ofRows);
                foreach (int row in ofRows)
                {
                    foreach (int octet in ofOctets)
                    {
                        times[(row * octets) + octet]++;
                    }
                }
            }
        }

        Assert.All(times, count => Assert.Equal(1, count));
    }

    /// <summary>Activations of a large batch are written for kernels of large batches alone: a group that were too small would read what is not there.</summary>
    [Fact]
    public void A_group_of_a_large_batch_is_a_large_one_and_begins_with_a_row_of_eight()
    {
        int least = TileProduct512<PlaneTile>.LeastRows;
        foreach (int threads in (int[])[1, 2, 3, 16, 64, 512])
        {
            for (int rows = least; rows < 700; rows++)
            {
                foreach (ProductUnits units in (ProductUnits[])[ProductUnits.Of(23, rows, threads), ProductUnits.OfTiles(23, rows, threads)])
                {
                    for (WorkShare left = new(0, units.Count); left.Count > 0;)
                    {
                        left = units.Split(left, out _, out WorkShare ofRows);
                        Assert.True(ofRows.Count >= least && ofRows.From % QuantizedRows.TogetherRows == 0, $"{rows} rows, {threads} threads: {ofRows}");
                    }
                }
            }
        }
    }

    /// <summary>What a thread quantizes is a block of 32 columns, however few rows and many threads there are.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(300)]
    public void Whole_tiles_stay_whole(int rows)
    {
        const int Octets = 24;
        ProductUnits units = ProductUnits.OfTiles(Octets, rows, threads: 64);
        for (int unit = 0; unit < units.Count; unit++)
        {
            units.Split(new WorkShare(unit, unit + 1), out WorkShare ofOctets, out _);
            Assert.Equal((0, WordTile.Octets), (ofOctets.From % WordTile.Octets, ofOctets.Count));
        }
    }
}
