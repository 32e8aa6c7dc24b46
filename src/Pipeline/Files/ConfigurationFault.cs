namespace AdaptiveKv.Pipeline.Files;

/// <summary>One thing that is wrong with a configuration file or an override.</summary>
/// <param name="Where">File and line, or the override as it was given.</param>
/// <param name="Key">The path of the key in the document, joined by dots; empty for the document itself.</param>
/// <param name="Problem">What is wrong, and what would be right.</param>
public sealed record ConfigurationFault(string Where, string Key, string Problem)
{
    /// <summary>One line.</summary>
    public override string ToString() => Key.Length == 0 ? $"{Where}: {Problem}" : $"{Where}: {Key}: {Problem}";
}
