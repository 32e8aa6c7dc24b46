namespace AdaptiveKv.Pipeline.Files;

/// <summary>A value of a YAML document.</summary>
/// <param name="Where">File and line, for messages.</param>
internal abstract record YamlNode(string Where)
{
    /// <summary>What it is, with an article, for messages.</summary>
    public abstract string Kind { get; }
}

/// <param name="Where">File and line.</param>
/// <param name="Text">Unquoted and unescaped.</param>
/// <param name="IsPlain">Whether it stood without quotes, so that it may be a number, a truth value or nothing.</param>
internal sealed record YamlScalar(string Where, string Text, bool IsPlain) : YamlNode(Where)
{
    public override string Kind => IsNull ? "nothing" : IsPlain ? $"'{Text}'" : $"the text \"{Text}\"";

    public bool IsNull => IsPlain && Text is "" or "~" or "null";
}

internal sealed record YamlList(string Where, IReadOnlyList<YamlNode> Items) : YamlNode(Where)
{
    public override string Kind => "a list";
}

internal sealed record YamlMap(string Where, IReadOnlyList<YamlEntry> Entries) : YamlNode(Where)
{
    public override string Kind => "a map";
}

/// <param name="Key">Unique in its map.</param>
/// <param name="Where">File and line of the key.</param>
/// <param name="Value">Its value.</param>
internal sealed record YamlEntry(string Key, string Where, YamlNode Value);
