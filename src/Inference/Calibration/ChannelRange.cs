namespace AdaptiveKv.Inference.Calibration;

/// <summary>Sum, sum of squares and range per channel.</summary>
public sealed class ChannelRange(int channels)
{
    /// <summary>Sums.</summary>
    public double[] Sum { get; } = new double[channels];

    /// <summary>Sums of squares.</summary>
    public double[] Squares { get; } = new double[channels];

    /// <summary>Smallest numbers.</summary>
    public float[] Least { get; } = [.. Enumerable.Repeat(float.PositiveInfinity, channels)];

    /// <summary>Largest numbers.</summary>
    public float[] Most { get; } = [.. Enumerable.Repeat(float.NegativeInfinity, channels)];

    /// <summary>Adds one row of channels from <paramref name="start"/> on.</summary>
    public void Add(int start, ReadOnlySpan<float> row)
    {
        for (int i = 0; i < row.Length; i++)
        {
            Sum[start + i] += row[i];
            Squares[start + i] += (double)row[i] * row[i];
            Least[start + i] = Math.Min(Least[start + i], row[i]);
            Most[start + i] = Math.Max(Most[start + i], row[i]);
        }
    }

    /// <summary>Largest distance from a centre.</summary>
    public float Reach(int channel, float centre) => Math.Max(Most[channel] - centre, centre - Least[channel]);
}
