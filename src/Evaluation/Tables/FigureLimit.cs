using System.Globalization;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>Where a number of a file must lie.</summary>
/// <param name="Member">Its place: "policies[3].divergence.kl".</param>
/// <param name="Value">The number; null where the file may leave it out.</param>
/// <param name="Minimum">Least.</param>
/// <param name="Maximum">Most.</param>
internal sealed record FigureLimit(string Member, double? Value, double Minimum = 0, double Maximum = FigureLimit.Most)
{
    /// <summary>No figure of ours comes near; beyond, pictures have no scale.</summary>
    public const double Most = 1e15;

    // What two programs round differently is no fault.
    private const double Rounding = 1e-6;

    /// <summary>Whether it lies there.</summary>
    public bool Holds => Value is not { } value || (value >= Minimum - (Rounding * Math.Max(1, Math.Abs(Minimum))) && value <= Maximum + (Rounding * Math.Max(1, Math.Abs(Maximum))));

    /// <summary>"policies[3].divergence.kl is -0.2, which is not from 0 to 1".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Member} is {Value:G6}, which is not {(Maximum < Most ? $"from {Minimum:G6} to {Maximum:G6}" : $"at least {Minimum:G6}")}");
}
