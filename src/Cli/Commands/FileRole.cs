namespace AdaptiveKv.Cli.Commands;

/// <summary>What a command does with the files that an option or argument names.</summary>
internal enum FileRole
{
    /// <summary>It reads them.</summary>
    Input,

    /// <summary>It writes them.</summary>
    Output,
}
