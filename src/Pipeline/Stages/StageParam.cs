using System.Text.Json;

namespace AdaptiveKv.Pipeline.Stages;

/// <summary>A value that a stage takes: its type, default, limits and meaning, as a property of its record declares them.</summary>
/// <param name="Name">Its key under <c>params:</c>.</param>
/// <param name="Type">The type of the value, or of each element of a list.</param>
/// <param name="Description">What it does.</param>
public sealed record StageParam(string Name, ParamType Type, string Description)
{
    /// <summary>Whether the value is a list.</summary>
    public bool IsList { get; init; }

    /// <summary>The value where none is given; null if one must be given.</summary>
    public JsonElement? Default { get; init; }

    /// <inheritdoc cref="ParamAttribute.Unit"/>
    public string? Unit { get; init; }

    /// <inheritdoc cref="ParamAttribute.Minimum"/>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <inheritdoc cref="ParamAttribute.Maximum"/>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <inheritdoc cref="ParamAttribute.Choices"/>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <inheritdoc cref="ParamAttribute.Check"/>
    public Action<string>? Check { get; init; }

    /// <summary>Whether a whole number may be any of 64 bits; others are those of 32.</summary>
    public bool IsLong { get; init; }

    /// <inheritdoc cref="ParamAttribute.LeastCount"/>
    public int LeastCount { get; init; }

    /// <inheritdoc cref="ParamAttribute.MostCount"/>
    public int MostCount { get; init; } = int.MaxValue;
}
