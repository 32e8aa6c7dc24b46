namespace AdaptiveKv.Evaluation.Statistics;

/// <summary>Mean and standard error of values seen one by one (Welford 1962: no cancellation, no second pass).</summary>
internal sealed class SampleMean
{
    private double squares;

    public int Count { get; private set; }

    /// <summary>0 where nothing was seen.</summary>
    public double Mean { get; private set; }

    /// <summary>Sample standard deviation / sqrt(n); null below two values.</summary>
    public double? StandardError => Count > 1 ? Math.Sqrt(squares / (Count - 1) / Count) : null;

    public void Add(double value)
    {
        Count++;
        double delta = value - Mean;
        Mean += delta / Count;
        squares += delta * (value - Mean);
    }
}
