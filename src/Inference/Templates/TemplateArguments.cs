namespace AdaptiveKv.Inference.Templates;

/// <summary>What is given to a call.</summary>
/// <param name="Positional">In order.</param>
/// <param name="Named">By name.</param>
internal sealed record TemplateArguments(IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    /// <summary>Nothing.</summary>
    public static TemplateArguments None { get; } = new([], new Dictionary<string, object?>());

    /// <summary>Whether an argument is given.</summary>
    public bool Has(int index, string name) => index < Positional.Count || Named.ContainsKey(name);

    /// <summary>An argument, by its place or its name; none where it is not given.</summary>
    public object? At(int index, string name) => index < Positional.Count ? Positional[index] : Named.GetValueOrDefault(name);

    /// <summary>A text, by its place or its name.</summary>
    public MarkedText? Text(TemplateScope scope, int index, string name) => At(index, name) switch
    {
        null => null,
        MarkedText text => text,
        _ => throw scope.Run.Fault($"argument '{name}': a text is expected"),
    };

    /// <summary>The arguments behind the first ones.</summary>
    public TemplateArguments From(int index) => this with { Positional = [.. Positional.Skip(index)] };
}
