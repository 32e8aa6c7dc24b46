using AdaptiveKv.Inference.Timing;

namespace AdaptiveKv.Laboratory.Balance;

/// <summary>What a kind of step is made of on some numbers of threads.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Microseconds">Time of a step's regions on one thread.</param>
/// <param name="Parts">By what takes most of a region's time.</param>
/// <param name="Teams">By number of threads.</param>
internal sealed record StepBalance(string Kind, double Microseconds, IReadOnlyList<PartBalance> Parts, IReadOnlyList<TeamBalance> Teams)
{
    private const string Attention = "attention";

    /// <summary>Joins what loops take on one thread with what they are cut into for more.</summary>
    /// <param name="kind">The kind of step.</param>
    /// <param name="timed">Steps of one thread, with times.</param>
    /// <param name="teams">For each number of threads a step's regions.</param>
    public static StepBalance Of(string kind, IReadOnlyList<IReadOnlyList<WorkRegion>> timed, IReadOnlyList<(int Threads, IReadOnlyList<WorkRegion> Regions)> teams)
    {
        IReadOnlyList<WorkRegion> times = Median([.. timed.Select(step => (IReadOnlyList<WorkRegion>)[.. step.Where(region => region.Loops.Count > 0)])]);
        (int Threads, int Barriers, (WorkRegion Region, Sharing Sharing)[] Regions)[] shared =
            [.. teams.Select(team => (team.Threads, team.Regions.Count, Share(times, [.. team.Regions.Where(region => region.Loops.Count > 0)], team.Threads)))];
        string[] names = [.. times.Select(region => Name(region.Part))];
        return new StepBalance(
            kind,
            times.Sum(Total),
            [.. names.Distinct().Select(name => new PartBalance(
                name,
                times.Where((_, i) => names[i] == name).Sum(Total),
                [.. shared.Select(team => PartTeam.Of(team.Threads, [.. team.Regions.Where((_, i) => names[i] == name)]))]))],
            [.. shared.Select(team => new TeamBalance(
                team.Threads, team.Barriers, team.Regions.Sum(region => region.Region.Loops.Count),
                team.Regions.Sum(region => region.Sharing.Longest) / team.Regions.Sum(region => region.Sharing.Mean),
                times.Sum(Total) / team.Regions.Sum(region => region.Sharing.Longest)))]);
    }

    private static (WorkRegion Region, Sharing Sharing)[] Share(IReadOnlyList<WorkRegion> times, IReadOnlyList<WorkRegion> counted, int threads)
    {
        if (times.Count != counted.Count || times.Zip(counted).Any(pair => pair.First.Loops.Count != pair.Second.Loops.Count))
        {
            throw new InvalidOperationException($"a step of {threads} threads has other regions than one of a single thread: its time cannot be told");
        }

        return
        [
            .. times.Zip(counted, (time, count) => time with { Loops = [.. time.Loops.Zip(count.Loops, (own, cut) => own with { Units = cut.Units })] })
                .Select(region => (region, Sharing.Of(region, threads))),
        ];
    }

    // Steps of one kind have the same regions: the median of each time.
    private static IReadOnlyList<WorkRegion> Median(IReadOnlyList<IReadOnlyList<WorkRegion>> steps) =>
    [
        .. steps[0].Select((region, i) => region with
        {
            OwnMicroseconds = Median(steps.Select(step => step[i].OwnMicroseconds)),
            Loops = [.. region.Loops.Select((loop, j) => loop with { Microseconds = Median(steps.Select(step => step[i].Loops[j].Microseconds)) })],
        }),
    ];

    private static double Median(IEnumerable<double> values) => Evaluation.Statistics.Quantile.Median([.. values]);

    private static double Total(WorkRegion region) => region.OwnMicroseconds + region.Loops.Sum(loop => loop.Microseconds);

    private static string Name(StepPart? part) => part switch
    {
        null => "codes",
        StepPart.AttentionKeys or StepPart.AttentionSoftmax or StepPart.AttentionValues => Attention,
        { } named => Breakdown.StepShare.Name(named),
    };
}

/// <summary>The regions of a step that a part takes most of.</summary>
/// <param name="Part">The part.</param>
/// <param name="Microseconds">Their time on one thread.</param>
/// <param name="Teams">By number of threads.</param>
internal sealed record PartBalance(string Part, double Microseconds, IReadOnlyList<PartTeam> Teams);

/// <summary>The same on a number of threads.</summary>
/// <param name="Threads">The threads.</param>
/// <param name="Units">Of a region's loops, the median region.</param>
/// <param name="LargestShare">The largest share of a thread over the mean, mean of the regions.</param>
internal sealed record PartTeam(int Threads, int Units, double LargestShare)
{
    /// <summary>Of some regions.</summary>
    public static PartTeam Of(int threads, IReadOnlyList<(WorkRegion Region, Sharing Sharing)> regions) => new(
        threads, regions.Select(region => region.Region.Loops.Sum(loop => loop.Units)).Order().ElementAt(regions.Count / 2), regions.Average(region => region.Sharing.LargestShare));
}

/// <summary>A whole step on a number of threads.</summary>
/// <param name="Threads">The threads.</param>
/// <param name="Barriers">How often they meet, the ends of the team's bodies included.</param>
/// <param name="Loops">Loops whose units they share out.</param>
/// <param name="Imbalance">Time until the last thread is done over the mean time of work, in all regions: 1 where all are even.</param>
/// <param name="AtMost">How many times as fast as one thread it can be at most: with barriers that cost nothing and memory that keeps up.</param>
internal sealed record TeamBalance(int Threads, int Barriers, int Loops, double Imbalance, double AtMost);
