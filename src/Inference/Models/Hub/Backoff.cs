namespace AdaptiveKv.Inference.Models.Hub;

/// <summary>Waits longer after every failure in a row: 1, 2, 4, ... seconds; gives up after a number of them.</summary>
/// <param name="time">Clock to wait by.</param>
/// <param name="attempts">Failures in a row that end it.</param>
internal sealed class Backoff(TimeProvider time, int attempts)
{
    private int failures;

    /// <summary>Something went forward: the next failure is the first in its row.</summary>
    public void Reset() => failures = 0;

    /// <summary>Waits, or throws <paramref name="failure"/> where it was the last one allowed.</summary>
    public Task PauseAsync(TransientHubException failure, CancellationToken cancellation) =>
        ++failures < attempts ? Task.Delay(TimeSpan.FromSeconds(1 << (failures - 1)), time, cancellation) : throw failure;
}
