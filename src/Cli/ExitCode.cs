namespace AdaptiveKv.Cli;

/// <summary>What the process tells its caller; the numbers from 64 on are those of BSD's sysexits.h.</summary>
internal static class ExitCode
{
    /// <summary>All that was asked for is done.</summary>
    public const int Done = 0;

    /// <summary>The command worked and its answer is no (a verification that found faults).</summary>
    public const int Failed = 1;

    /// <summary>The command line or a configuration is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A gate found metrics that are not good enough.</summary>
    public const int Gate = 3;

    /// <summary>A model or data file is malformed.</summary>
    public const int BadData = 65;

    /// <summary>An input is missing.</summary>
    public const int MissingInput = 66;

    /// <summary>A defect of this program.</summary>
    public const int Internal = 70;

    /// <summary>Reading or writing failed, or the disk is full.</summary>
    public const int InputOutput = 74;

    /// <summary>
    /// The system asked the process to end (SIGTERM, SIGHUP), or another process holds the files; the same command can be tried again.
    /// </summary>
    public const int Interrupted = 75;

    /// <summary>The user cancelled (Ctrl+C).</summary>
    public const int Cancelled = 130;
}
