using System.CommandLine;

namespace AdaptiveKv.Cli.Commands;

/// <summary>An option that names files.</summary>
internal sealed class FileOption<T> : Option<T>, IFileSymbol
{
    public FileOption(FileRole role, string name, params string[] aliases)
        : base(name, aliases)
    {
        Role = role;
        HelpName = "file";
    }

    /// <inheritdoc/>
    public FileRole Role { get; }
}
