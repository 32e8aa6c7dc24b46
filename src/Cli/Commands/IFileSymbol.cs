using System.CommandLine;

namespace AdaptiveKv.Cli.Commands;

/// <summary>An option or argument whose values name files, which <see cref="OutputCheck"/> compares with each other.</summary>
internal interface IFileSymbol
{
    /// <summary>What is done with them.</summary>
    FileRole Role { get; }
}

/// <summary>What a command does with the files that an option or argument names.</summary>
internal enum FileRole
{
    /// <summary>It reads them.</summary>
    Input,

    /// <summary>It writes them.</summary>
    Output,
}

/// <summary>An argument that names files to read.</summary>
internal sealed class FileArgument<T>(string name) : Argument<T>(name), IFileSymbol
{
    public FileRole Role => FileRole.Input;
}

/// <summary>An option that names files.</summary>
internal sealed class FileOption<T> : Option<T>, IFileSymbol
{
    public FileOption(FileRole role, string name, params string[] aliases)
        : base(name, aliases)
    {
        Role = role;
        HelpName = "file";
    }

    public FileRole Role { get; }
}
