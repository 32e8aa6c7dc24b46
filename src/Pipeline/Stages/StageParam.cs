using System.Text.Json;

namespace AdaptiveKv.Pipeline.Stages;

/// <summary>A value that a stage takes: its type, default, limits and meaning.</summary>
public sealed record StageParam
{
    /// <summary>Declares a parameter; the factories below also give it a default.</summary>
    public StageParam(string name, ParamType type, string description) => (Name, Type, Description) = (name, type, description);

    /// <summary>Its key under <c>params:</c>.</summary>
    public string Name { get; }

    /// <summary>The type of the value, or of each element of a list.</summary>
    public ParamType Type { get; }

    /// <summary>What it does.</summary>
    public string Description { get; }

    /// <summary>Whether the value is a list.</summary>
    public bool IsList { get; init; }

    /// <summary>The value where none is given; null if one must be given.</summary>
    public JsonElement? Default { get; private init; }

    /// <summary>What a number counts: "tokens", "bits"; null for a pure number.</summary>
    public string? Unit { get; init; }

    /// <summary>The smallest number allowed.</summary>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>The largest number allowed.</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>The only texts allowed; empty if any is.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Throws <see cref="FormatException"/>, in words that say what is expected, where a text, or a text of the list, is none that the stage takes.</summary>
    public Action<string>? Check { get; init; }

    /// <summary>Whether a whole number may be any of 64 bits; others are those of 32.</summary>
    public bool IsLong { get; init; }

    /// <summary>The fewest elements of a list.</summary>
    public int LeastCount { get; init; }

    /// <summary>The most elements of a list.</summary>
    public int MostCount { get; init; } = int.MaxValue;

    /// <summary>A whole number.</summary>
    public static StageParam Integer(string name, long preset, string description) => Of(name, ParamType.Integer, description, preset);

    /// <summary>A number.</summary>
    public static StageParam Number(string name, double preset, string description) => Of(name, ParamType.Number, description, preset);

    /// <summary>A truth value.</summary>
    public static StageParam Boolean(string name, bool preset, string description) => Of(name, ParamType.Boolean, description, preset);

    /// <summary>A text.</summary>
    public static StageParam Text(string name, string preset, string description) => Of(name, ParamType.Text, description, preset);

    /// <summary>A list of whole numbers.</summary>
    public static StageParam Integers(string name, IReadOnlyList<long> preset, string description) =>
        Of(name, ParamType.Integer, description, preset) with { IsList = true };

    /// <summary>A list of numbers.</summary>
    public static StageParam Numbers(string name, IReadOnlyList<double> preset, string description) =>
        Of(name, ParamType.Number, description, preset) with { IsList = true };

    /// <summary>A list of texts.</summary>
    public static StageParam Texts(string name, IReadOnlyList<string> preset, string description) =>
        Of(name, ParamType.Text, description, preset) with { IsList = true };

    /// <summary>The param <c>seed</c>, a whole number from 0 on.</summary>
    public static StageParam Seed(string description) => Of("seed", ParamType.Integer, description, 42L) with { Minimum = 0, IsLong = true };

    private static StageParam Of<T>(string name, ParamType type, string description, T preset) =>
        new(name, type, description) { Default = JsonSerializer.SerializeToElement(preset) };
}
