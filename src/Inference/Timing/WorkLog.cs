using System.Diagnostics;

namespace AdaptiveKv.Inference.Timing;

/// <summary>
/// What a team's loops are made of, and where its members meet: region by region, as the first member comes to them. Times mean something where it is the only one.
/// </summary>
internal sealed class WorkLog
{
    private readonly Dictionary<StepPart, long> spent = [];
    private readonly List<(int Units, long Start)> loops = [];
    private long start;

    /// <summary>Regions in the order they ended.</summary>
    public List<WorkRegion> Regions { get; } = [];

    /// <summary>The team begins a body.</summary>
    public void Begin() => Start(Stopwatch.GetTimestamp());

    /// <summary>A loop begins.</summary>
    /// <param name="units">What its members take.</param>
    public void Loop(int units) => loops.Add((units, Stopwatch.GetTimestamp()));

    /// <summary>A part took some ticks of the stopwatch.</summary>
    public void Spent(StepPart part, long ticks)
    {
        if (part != StepPart.Waiting)
        {
            spent[part] = spent.GetValueOrDefault(part) + ticks;
        }
    }

    /// <summary>All members have met at a barrier, or at the end of the body.</summary>
    public void EndRegion()
    {
        long now = Stopwatch.GetTimestamp();
        StepPart? part = spent.Count == 0 ? null : spent.ContainsKey(StepPart.AttentionValues) ? StepPart.AttentionValues : spent.MaxBy(pair => pair.Value).Key;
        Regions.Add(new WorkRegion(
            part,
            Microseconds(start, loops.Count == 0 ? now : loops[0].Start),
            [.. loops.Select((loop, i) => new WorkLoop(loop.Units, Microseconds(loop.Start, i + 1 < loops.Count ? loops[i + 1].Start : now)))]));
        Start(now);
    }

    private void Start(long now)
    {
        spent.Clear();
        loops.Clear();
        start = now;
    }

    private static double Microseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMicroseconds;
}

/// <summary>What happens between two barriers.</summary>
/// <param name="Part">What takes most of its time, or attention where there is some; null where no clock runs.</param>
/// <param name="OwnMicroseconds">What every member does for itself before its first loop.</param>
/// <param name="Loops">Loops whose units the members share out, one after the other.</param>
internal sealed record WorkRegion(StepPart? Part, double OwnMicroseconds, IReadOnlyList<WorkLoop> Loops);

/// <summary>A loop.</summary>
/// <param name="Units">What its members take, of equal size.</param>
/// <param name="Microseconds">Time of all of them.</param>
internal sealed record WorkLoop(int Units, double Microseconds);
