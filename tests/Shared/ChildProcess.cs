using System.Diagnostics;

namespace AdaptiveKv.Tests;

/// <summary>A process that a test starts, and that does not outlive it: one left over by a test that failed or skipped itself slows all that come after.</summary>
internal sealed class ChildProcess : Process
{
    private bool started;

    /// <summary>Starts it.</summary>
    /// <param name="start">What is started.</param>
    public static new ChildProcess Start(ProcessStartInfo start)
    {
        ChildProcess child = new() { StartInfo = start };
        child.started = ((Process)child).Start();
        return child;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && started && !HasExited)
        {
            Kill(entireProcessTree: true);
            WaitForExit();
        }

        started = false;
        base.Dispose(disposing);
    }
}
