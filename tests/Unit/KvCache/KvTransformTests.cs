using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.KvCache;

[Trait("Category", "Kernels")]
public sealed class KvTransformTests
{
    private static readonly CacheShape Shape = new(2, 2, 1, 64);

    [Fact]
    public void Scores_change_by_the_same_constant_for_all_keys_and_outputs_come_back()
    {
        Random random = new(3);
        KvTransform transform = new(Shape, rotate: true, Table(random, 0), Table(random, 1), Table(random, 1));
        for (int lane = 0; lane < Shape.Lanes; lane++)
        {
            float[] query = Gaussian.Row(random, 64);
            float[][] keys = Gaussian.Rows(random, 5, 64);
            float[] value = Gaussian.Row(random, 64);
            double[] before = [.. keys.Select(key => Dot(query, key))];
            float[] output = [.. value];

            transform.Query(lane, query);
            Array.ForEach(keys, key => transform.Key(lane, 7, key));
            transform.Value(lane, output);
            Assert.NotEqual(value[0], output[0]);
            transform.Output(lane, output);

            double constant = before[0] - Dot(query, keys[0]);
            Assert.All(keys, (key, i) => Assert.Equal(constant, before[i] - Dot(query, key), 1e-4));
            Assert.All(output, (element, i) => Assert.Equal(value[i], element, 1e-5));
        }
    }

    [Fact]
    public void The_identity_changes_nothing()
    {
        float[] row = Gaussian.Row(new Random(4), 64);
        float[] same = [.. row];
        KvTransform identity = KvTransform.Identity(Shape);

        identity.Key(1, 0, same);
        identity.Query(1, same);
        identity.Value(1, same);
        identity.Output(1, same);

        Assert.Equal(row, same);
    }

    /// <summary>Powers of two are exact: scores and outputs are the same to the bit, rows the same but for the factor.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_divided_by_powers_of_two_come_back_exactly(bool balanced)
    {
        Random random = new(5);
        KvTransform plain = balanced ? new(Shape, rotate: true, Table(random, 0), Table(random, 1), Table(random, 1)) : new(Shape, rotate: true);
        KvTransform scaled = plain.Scaled([0, 7, -20, 0], [3, 0, -9, 0]);
        Assert.Same(plain, plain.Scaled(new int[4], new int[4]));
        for (int lane = 0; lane < Shape.Lanes; lane++)
        {
            float[][] rows = Gaussian.Rows(random, 3, 64), same = [.. rows.Select(row => row.ToArray())];
            plain.Key(lane, 2, rows[0]);
            plain.Query(lane, rows[1]);
            plain.Value(lane, rows[2]);
            scaled.Key(lane, 2, same[0]);
            scaled.Query(lane, same[1]);
            scaled.Value(lane, same[2]);
            (int key, int value) = (new[] { 0, 7, -20, 0 }[lane], new[] { 3, 0, -9, 0 }[lane]);
            Assert.Equal(rows[0], same[0].Select(x => MathF.ScaleB(x, key)));
            Assert.Equal(rows[1], same[1].Select(x => MathF.ScaleB(x, -key)));
            Assert.Equal(rows[2], same[2].Select(x => MathF.ScaleB(x, value)));
            plain.Output(lane, rows[2]);
            scaled.Output(lane, same[2]);
            Assert.Equal(rows[2], same[2]);
        }
    }

    [Theory]
    [InlineData(255, 1f, "255 numbers, expected 4 lanes x 64")]
    [InlineData(256, float.NaN, "holds NaN")]
    [InlineData(256, 0f, "expected positive finite")]
    public void A_wrong_table_is_refused(int length, float value, string problem)
    {
        float[] table = new float[length];
        Array.Fill(table, value);

        Assert.Contains(problem, Assert.Throws<ArgumentException>(() => new KvTransform(Shape, rotate: false, balance: table)).Message, StringComparison.Ordinal);
    }

    private static float[] Table(Random random, int least) =>
        [.. Enumerable.Range(0, Shape.Lanes * Shape.HeadDim).Select(_ => least + random.NextSingle())];

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
