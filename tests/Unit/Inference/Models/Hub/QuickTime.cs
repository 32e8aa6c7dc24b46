using System.Collections.Concurrent;

namespace AdaptiveKv.Unit.Inference.Models.Hub;

/// <summary>
/// A clock on which pauses pass at once and are written down; longer waits (a stalled connection) pass only where a test says so.
/// </summary>
internal sealed class QuickTime(bool stallsPass = false) : TimeProvider
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    public ConcurrentQueue<TimeSpan> Pauses { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(this, callback, state, dueTime);

    private bool Passes(TimeSpan wait)
    {
        bool pause = wait >= TimeSpan.Zero && wait <= LongestPause;
        if (pause)
        {
            Pauses.Enqueue(wait);
        }

        return pause || (stallsPass && wait > LongestPause);
    }

    private sealed class Timer : ITimer
    {
        private readonly QuickTime time;
        private readonly TimerCallback callback;
        private readonly object? state;

        public Timer(QuickTime time, TimerCallback callback, object? state, TimeSpan dueTime)
        {
            (this.time, this.callback, this.state) = (time, callback, state);
            Change(dueTime, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (time.Passes(dueTime))
            {
                ThreadPool.QueueUserWorkItem(_ => callback(state));
            }

            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
