namespace AdaptiveKv.Cli.Commands;

/// <summary>An option or argument whose values name files, which <see cref="OutputCheck"/> compares with each other.</summary>
internal interface IFileSymbol
{
    /// <summary>What is done with them.</summary>
    FileRole Role { get; }
}
