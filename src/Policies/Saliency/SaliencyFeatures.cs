using System.Text.Json;
using AdaptiveKv.Files;

namespace AdaptiveKv.Policies.Saliency;

/// <summary>The names of the features: columns of tables, words of users.</summary>
public static class SaliencyFeatures
{
    private static readonly string[] Names = [.. Enum.GetNames<SaliencyFeature>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    /// <summary>The four of the published method.</summary>
    public static IReadOnlyList<SaliencyFeature> Published { get; } =
        [SaliencyFeature.Entropy, SaliencyFeature.Rarity, SaliencyFeature.AttentionVariance, SaliencyFeature.Confidence];

    /// <summary>All of them, in their order.</summary>
    public static IReadOnlyList<SaliencyFeature> All { get; } = Enum.GetValues<SaliencyFeature>();

    /// <summary>snake_case name: "attention_variance".</summary>
    public static string Name(SaliencyFeature feature) => Names[(int)feature];

    /// <summary>The feature of a name.</summary>
    /// <exception cref="FormatException">There is none; the message holds the nearest one.</exception>
    public static SaliencyFeature Parse(string name)
    {
        int index = Array.IndexOf(Names, name);
        return index >= 0
            ? (SaliencyFeature)index
            : throw new FormatException(
                $"unknown feature '{name}': {(NearestName.Find(name, Names) is { } nearest ? $"did you mean '{nearest}'? " : "")}known: {string.Join(", ", Names)}");
    }
}
