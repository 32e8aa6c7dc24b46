namespace AdaptiveKv.Inference.Models.Hub;

/// <summary>The models that can be pulled by name, and the repositories of the hub they are in.</summary>
internal static class HubCatalog
{
    // Their model.safetensors as several parties have it independently, so that no hub or mirror can give another model the name.
    private static readonly Dictionary<string, HubPin> Pins = new()
    {
        ["smollm2-135m"] = new(269_060_552, "80521b40281d6ce74e35c9282c22539e75aa0ac8578892b2a59955ef78d55da1"),
        ["smollm2-135m-instruct"] = new(269_060_552, "5af571cbf074e6d21a03528d2330792e532ca608f24ac70a143f6b369968ab8c"),
        ["smollm2-360m"] = new(723_674_912, "7aaff6661428bed033abba9522bec81938678642cca3181fe752b6ca9e1e540f"),
        ["smollm2-360m-instruct"] = new(723_674_912, "e6bffe7435d7ddc10fd3b9a9efd429dafbacb1cb17015fb5562664e7532bf86e"),
        ["smollm2-1.7b-instruct"] = new(3_422_777_952, "f55217be716b6a997b97b9d8d7eb6fad02e00858f5010ec24f64603c3a98a0e8"),
    };

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

    /// <summary>What is known of a model's weights; null if nothing is.</summary>
    /// <param name="name">Its name, in any case.</param>
    public static HubPin? PinOf(string name) => Pins.GetValueOrDefault(name.ToLowerInvariant());
}
