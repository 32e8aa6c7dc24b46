using System.Runtime.InteropServices;

namespace AdaptiveKv.Cli;

/// <summary>
/// Turns Ctrl+C, SIGTERM and SIGHUP into a cancellation. A command has <see cref="Grace"/> to commit what is whole; then, or at a second
/// signal, the process ends as it is, which loses nothing: files are published whole or not at all.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>How long a command may take to stop; a scheduler's patience is at least two seconds.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1.8);

    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly TimeProvider time;
    private ITimer? deadline;

    /// <summary>Listens until disposed.</summary>
    public Interruption(TimeProvider time)
    {
        this.time = time;
        Listen(PosixSignal.SIGINT, ExitCode.Cancelled);
        Listen(PosixSignal.SIGTERM, ExitCode.Interrupted);
        Listen(PosixSignal.SIGHUP, ExitCode.Interrupted);
    }

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>The exit code that names the first signal; <see cref="ExitCode.Cancelled"/> before any.</summary>
    public int Code { get; private set; } = ExitCode.Cancelled;

    /// <inheritdoc/>
    public void Dispose()
    {
        registrations.ForEach(registration => registration.Dispose());
        deadline?.Dispose();
        source.Dispose();
    }

    private void Listen(PosixSignal signal, int code) => registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (source.IsCancellationRequested)
        {
            Environment.Exit(Code);
        }

        Code = code;
        deadline = time.CreateTimer(_ => Environment.Exit(Code), null, Grace, Timeout.InfiniteTimeSpan);
        source.Cancel();
    }));
}
