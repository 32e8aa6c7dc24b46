using System.CommandLine;

namespace AdaptiveKv.Cli.Commands;

/// <summary>An argument that names files to read.</summary>
internal sealed class FileArgument<T>(string name) : Argument<T>(name), IFileSymbol
{
    /// <inheritdoc/>
    public FileRole Role => FileRole.Input;
}
