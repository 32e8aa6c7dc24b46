using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.KvCache;

public sealed class MeanTurnsTests
{
    private const int HeadDim = 32;
    private const double Base = 1000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stretch_has_the_mean_of_the_keys_that_rotary_embedding_makes_of_one(bool interleaved)
    {
        MeanTurns turns = new(HeadDim, Base, interleaved, positions: 100);
        float[] mean = Gaussian.Row(new Random(1), HeadDim);
        float[] turned = new float[HeadDim];

        Assert.Equal(4, turns.Stretches);
        foreach (int stretch in (int[])[0, 1, 3])
        {
            turns.Turn(mean, stretch, turned);

            double[][] keys = [.. Enumerable.Range(32 * stretch, 32).Select(position => Rotated(mean, position, interleaved))];
            Assert.All(turned, (x, i) => Assert.Equal(keys.Average(key => key[i]), x, 1e-5));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public unsafe void A_folded_query_scores_the_mean_of_every_stretch(bool interleaved)
    {
        MeanTurns turns = new(HeadDim, Base, interleaved, positions: 500);
        float[] mean = Gaussian.Row(new Random(2), HeadDim), query = Gaussian.Row(new Random(3), HeadDim);
        float[] folded = new float[HeadDim], turned = new float[HeadDim];

        turns.Fold(query, mean, folded);

        for (int stretch = 0; stretch < turns.Stretches; stretch++)
        {
            turns.Turn(mean, stretch, turned);
            double score = 0;
            for (int i = 0; i < HeadDim; i++)
            {
                score += (double)folded[i] * turns.Table[(stretch * HeadDim) + i];
            }

            Assert.Equal(query.Zip(turned, (q, m) => (double)q * m).Sum(), score, 1e-5);
        }
    }

    [Fact]
    public void The_last_stretch_goes_on()
    {
        MeanTurns turns = new(HeadDim, Base, interleaved: true, positions: 65);

        Assert.Equal([0, 0, 1, 2, 2], new[] { 0, 31, 32, 64, 5000 }.Select(turns.StretchOf));
    }

    private static double[] Rotated(float[] key, int position, bool interleaved)
    {
        double[] rotated = new double[HeadDim];
        for (int pair = 0; pair < HeadDim / 2; pair++)
        {
            (int i, int j) = interleaved ? (2 * pair, (2 * pair) + 1) : (pair, pair + (HeadDim / 2));
            double angle = position * Math.Pow(Base, -2.0 * pair / HeadDim);
            rotated[i] = (key[i] * Math.Cos(angle)) - (key[j] * Math.Sin(angle));
            rotated[j] = (key[i] * Math.Sin(angle)) + (key[j] * Math.Cos(angle));
        }

        return rotated;
    }
}
