namespace AdaptiveKv.Unit.Evaluation.Speed;

/// <summary>A clock that moves on by one millisecond whenever it is read, so that every timed span lasts one.</summary>
internal sealed class SteppingClock : TimeProvider
{
    private long ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => ticks += TimeSpan.TicksPerMillisecond;
}
