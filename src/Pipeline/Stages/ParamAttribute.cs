namespace AdaptiveKv.Pipeline.Stages;

/// <summary>
/// Makes a property of a record a param of a stage: <c>SkipFirst</c> is <c>skip_first</c> under <c>params:</c> and <c>--skip-first</c> on a command line, of the
/// property's type, and what the property is made with is its default. One that is <c>required</c> must be given.
/// </summary>
/// <param name="description">What it does.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ParamAttribute(string description) : Attribute
{
    /// <summary>What it does.</summary>
    public string Description => description;

    /// <summary>What a number counts: "tokens", "bits"; null for a pure number.</summary>
    public string? Unit { get; set; }

    /// <summary>The smallest number allowed.</summary>
    public double Minimum { get; set; } = double.NegativeInfinity;

    /// <summary>The largest number allowed.</summary>
    public double Maximum { get; set; } = double.PositiveInfinity;

    /// <summary>The only texts allowed; empty if any is.</summary>
    public string[] Choices { get; set; } = [];

    /// <summary>The record's static method that throws <see cref="FormatException"/>, in words that say what is expected, where a text, or a text of the list, is none that the stage takes.</summary>
    public string? Check { get; set; }

    /// <summary>The fewest elements of a list.</summary>
    public int LeastCount { get; set; }

    /// <summary>The most elements of a list.</summary>
    public int MostCount { get; set; } = int.MaxValue;
}
