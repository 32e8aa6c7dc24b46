namespace AdaptiveKv.Unit.KvCache;

/// <summary>Normally distributed rows from a seed.</summary>
internal static class Gaussian
{
    /// <summary>One row; Box and Muller 1958.</summary>
    public static float[] Row(Random random, int length, double deviation = 1, double mean = 0)
    {
        float[] row = new float[length];
        for (int i = 0; i < length; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            row[i] = (float)(mean + (deviation * radius * Math.Cos(2 * Math.PI * random.NextDouble())));
        }

        return row;
    }

    /// <summary>Rows of one deviation.</summary>
    public static float[][] Rows(Random random, int rows, int length, double deviation = 1) =>
        [.. Enumerable.Range(0, rows).Select(_ => Row(random, length, deviation))];
}
