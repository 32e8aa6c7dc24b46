namespace AdaptiveKv.Cli;

/// <summary>A process that did a part of the work failed.</summary>
/// <param name="code">Its exit code.</param>
/// <param name="message">One line.</param>
internal sealed class WorkerException(int code, string message) : Exception(message)
{
    /// <summary>Its exit code.</summary>
    public int Code => code;
}
