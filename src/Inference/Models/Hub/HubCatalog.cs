namespace AdaptiveKv.Inference.Models.Hub;

/// <summary>The models that can be pulled by name, and the repositories of the hub they are in.</summary>
internal static class HubCatalog
{
    private static readonly Dictionary<string, string> Repositories = (
        from family in (string[])["SmolLM", "SmolLM2"]
        from size in (string[])["135M", "360M", "1.7B"]
        from suffix in (string[])["", "-Instruct"]
        select $"{family}-{size}{suffix}").ToDictionary(model => model.ToLowerInvariant(), model => $"HuggingFaceTB/{model}");

    /// <summary>Names, in the order people look for them.</summary>
    public static IReadOnlyCollection<string> Names => Repositories.Keys;

    /// <summary>Repository of a model.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <exception cref="ArgumentException">There is no such name; lists those there are.</exception>
    public static string Repository(string name) =>
        Repositories.TryGetValue(name.ToLowerInvariant(), out string? repository)
            ? repository
            : throw new ArgumentException($"unknown model \"{name}\"; one of {string.Join(", ", Names)} is expected", nameof(name));
}
