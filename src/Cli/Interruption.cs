using System.Runtime.InteropServices;

namespace AdaptiveKv.Cli;

/// <summary>
/// Turns Ctrl+C, SIGTERM and SIGHUP into a cancellation. A command has <see cref="Grace"/> to commit what is whole; then, or at a second
/// signal, the process says so and ends as it is, which loses nothing: files are published whole or not at all.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>How long a command may take to stop; a scheduler's patience is at least two seconds.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1.6);

    // A pipe that nobody empties must not keep the process.
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource source = new();
    private readonly List<PosixSignalRegistration> registrations = [];
    private int ended;

    /// <summary>Listens until disposed.</summary>
    public Interruption()
    {
        Listen(PosixSignal.SIGINT, ExitCode.Cancelled);
        Listen(PosixSignal.SIGTERM, ExitCode.Interrupted);
        Listen(PosixSignal.SIGHUP, ExitCode.Interrupted);
    }

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>The exit code that names the first signal; <see cref="ExitCode.Cancelled"/> before any.</summary>
    public int Code { get; private set; } = ExitCode.Cancelled;

    /// <summary>Is asked first on Ctrl+C: true where there is something to end that is not the process. Null for nothing.</summary>
    public Func<bool>? Taker { get; set; }

    /// <summary>Whether the caller is the first to end the process, and has to say why: the command and its deadline may meet.</summary>
    public bool End() => Interlocked.Exchange(ref ended, 1) == 0;

    public void Dispose()
    {
        registrations.ForEach(registration => registration.Dispose());
        source.Dispose();
    }

    private void Listen(PosixSignal signal, int code) => registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (signal == PosixSignal.SIGINT && Taker?.Invoke() == true)
        {
            return;
        }

        if (source.IsCancellationRequested)
        {
            Leave();
        }

        Code = code;

        // A thread of its own: the pool may be busy with the very work that does not end.
        new Thread(() =>
        {
            Thread.Sleep(Grace);
            Leave();
        }) { IsBackground = true }.Start();
        source.Cancel();
    }));

    private void Leave()
    {
        if (End())
        {
            Thread words = new(() => Console.Error.WriteLine(Failure.Of(new OperationCanceledException(), Code).Line)) { IsBackground = true };
            words.Start();
            words.Join(LastWords);
        }

        Environment.Exit(Code);
    }
}
