using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Shards;

namespace AdaptiveKv.Cli;

/// <summary>How a command that threw ends: the exit code, and the one line that says what, where and what to do.</summary>
/// <param name="Code">One of <see cref="ExitCode"/>.</param>
/// <param name="Message">One line.</param>
internal sealed record Failure(int Code, string Message)
{
    /// <summary>What is written of it.</summary>
    public string Line => $"error: {Message}";

    /// <summary>The only place that maps exceptions to exit codes.</summary>
    /// <param name="exception">What the command threw.</param>
    /// <param name="cancelledCode">The code of a cancellation, which depends on the signal.</param>
    public static Failure Of(Exception exception, int cancelledCode)
    {
        if (exception is AggregateException { InnerExceptions.Count: > 0 } several)
        {
            return Of(several.InnerExceptions[0], cancelledCode);
        }

        (int code, string message) = exception switch
        {
            ModelFormatException or InvalidDataException => (ExitCode.BadData, exception.Message),
            // The engine's word for logits that are not numbers: the weights are damaged.
            ArithmeticException when exception.GetType() == typeof(ArithmeticException) => (ExitCode.BadData, exception.Message),
            FileNotFoundException or DirectoryNotFoundException => (ExitCode.MissingInput, exception.Message),
            OperationCanceledException when cancelledCode == ExitCode.Interrupted => (cancelledCode, "interrupted; run the same command again"),
            OperationCanceledException => (cancelledCode, "cancelled"),
            ArgumentException argument => (ExitCode.Usage, WithoutParameterName(argument)),
            FormatException => (ExitCode.Usage, exception.Message),
            LockHeldException or MissingShardsException => (ExitCode.Interrupted, exception.Message),
            WorkerException worker => (worker.Code, worker.Message),
            IOException io when IsDiskFull(io) => (ExitCode.InputOutput, $"disk full: {io.Message}"),
            IOException or UnauthorizedAccessException => (ExitCode.InputOutput, exception.Message),
            OutOfMemoryException => (ExitCode.Internal, "not enough memory: use a smaller model, a shorter context or fewer threads"),
            _ => (ExitCode.Internal, $"internal error: {exception.GetType().Name}: {exception.Message} (-v shows where)"),
        };
        return new Failure(code, message.ReplaceLineEndings(" "));
    }

    // .NET appends "(Parameter 'name')", which names our source code and not the user's command line.
    private static string WithoutParameterName(ArgumentException exception)
    {
        int suffix = exception.ParamName is { } name ? exception.Message.LastIndexOf($" (Parameter '{name}')", StringComparison.Ordinal) : -1;
        return suffix > 0 ? exception.Message.Remove(suffix, exception.ParamName!.Length + " (Parameter '')".Length) : exception.Message;
    }

    // ENOSPC and EDQUOT by errno; ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL by HRESULT.
    private static bool IsDiskFull(IOException exception) =>
        OperatingSystem.IsWindows() ? (exception.HResult & 0xFFFF) is 39 or 112
        : OperatingSystem.IsMacOS() ? exception.HResult is 28 or 69
        : exception.HResult is 28 or 122;
}
