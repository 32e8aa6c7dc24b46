namespace AdaptiveKv.Evaluation.Statistics;

/// <summary>How an accuracy differs from a baseline's on the same items; pairing removes the items' own variance.</summary>
/// <param name="Count">Number of items.</param>
/// <param name="Gained">Items right here and wrong in the baseline.</param>
/// <param name="Lost">Items wrong here and right in the baseline.</param>
public sealed record PairedDifference(int Count, int Gained, int Lost)
{
    /// <summary>Accuracy minus the baseline's, in percentage points.</summary>
    public double Points => 100.0 * (Gained - Lost) / Count;

    /// <summary>Standard error of <see cref="Points"/>: of the mean of the items' differences (-1, 0, 1); null for a single item.</summary>
    public double? StandardError
    {
        get
        {
            double sum = Gained - Lost;
            double squares = Gained + Lost - (sum * sum / Count);
            return Count > 1 ? 100 * Math.Sqrt(squares / (Count - 1) / Count) : null;
        }
    }

    /// <summary>Two-sided p-value of McNemar's exact test.</summary>
    public double PValue => McNemar.ExactPValue(Gained, Lost);

    /// <summary>Compares two runs over the same items.</summary>
    /// <param name="right">Whether each item is right here.</param>
    /// <param name="baseline">Whether each item is right in the baseline; as long as <paramref name="right"/>.</param>
    public static PairedDifference Between(ReadOnlySpan<bool> right, ReadOnlySpan<bool> baseline)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(right.Length, baseline.Length, nameof(right));
        int gained = 0;
        int lost = 0;
        for (int i = 0; i < right.Length; i++)
        {
            gained += right[i] && !baseline[i] ? 1 : 0;
            lost += !right[i] && baseline[i] ? 1 : 0;
        }

        return new PairedDifference(right.Length, gained, lost);
    }
}
