using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.KvCache;

[Trait("Category", "Kernels")]
public sealed class HadamardTests
{
    public static TheoryData<int> Lengths => [32, 64, 96, 128, 160, 256];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Equals_the_matrix_in_double_precision(int length)
    {
        float[] row = Gaussian.Row(new Random(length), length);
        double[] expected = Matrix(row);

        Hadamard.Transform(row);

        Assert.All(row, (value, i) => Assert.Equal(expected[i], value, 1e-5));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Is_its_own_inverse_and_keeps_the_length(int length)
    {
        float[] row = Gaussian.Row(new Random(length), length);
        float[] turned = [.. row];

        Hadamard.Transform(turned);

        Assert.Equal(row.Sum(x => (double)x * x), turned.Sum(x => (double)x * x), 1e-4);
        Hadamard.Transform(turned);
        Assert.All(turned, (value, i) => Assert.Equal(row[i], value, 1e-5));
    }

    [Fact]
    public void One_large_channel_is_spread_evenly()
    {
        float[] row = new float[64];
        row[17] = 8f;

        Hadamard.Transform(row);

        Assert.All(row, value => Assert.Equal(1f, Math.Abs(value)));
    }

    [Fact]
    public void The_scalar_reference_agrees()
    {
        float[] row = Gaussian.Row(new Random(1), 128);
        float[] scalar = [.. row];

        Hadamard.Transform(row);
        Hadamard.ScalarBlock(scalar);

        Assert.All(row, (value, i) => Assert.Equal(scalar[i], value, 1e-6));
    }

    // Sylvester's matrix has the sign of the parity of i and j; lengths that are no power of two fall into equal blocks.
    private static double[] Matrix(float[] row)
    {
        int block = row.Length & -row.Length;
        double[] result = new double[row.Length];
        for (int i = 0; i < row.Length; i++)
        {
            int start = i / block * block;
            for (int j = 0; j < block; j++)
            {
                double sign = int.IsOddInteger(System.Numerics.BitOperations.PopCount((uint)((i - start) & j))) ? -1 : 1;
                result[i] += sign * row[start + j] / Math.Sqrt(block);
            }
        }

        return result;
    }
}
