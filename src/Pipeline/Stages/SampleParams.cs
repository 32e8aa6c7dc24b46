namespace AdaptiveKv.Pipeline.Stages;

/// <summary>The params of stages that work on a random sample of items, a segment at a time.</summary>
public abstract record SampleParams
{
    /// <summary>Items of the sample; 0 for all.</summary>
    [Param("Random sample of items; 0 takes all", Minimum = 0, Unit = "items")]
    public int Limit { get; init; }

    /// <summary>Items of the random order before the sample.</summary>
    [Param("Items of the same random order that are left out first, for a sample apart from another one's", Minimum = 0, Unit = "items")]
    public int Skip { get; init; }

    /// <summary>Of everything random.</summary>
    [Param("Of the samples of items and tokens")]
    public ulong Seed { get; init; } = 42;

    /// <summary>Answered questions before every item.</summary>
    [Param("Questions with their right endings before every item, the same for all: the last of the random order", Minimum = 0, Unit = "items")]
    public int Shots { get; init; }

    /// <summary>Tokens of an item that a plain text is cut into.</summary>
    [Param("Length of the windows of a plain text", Minimum = 2, Unit = "tokens")]
    public int Window { get; init; } = 256;

    /// <summary>Where in a plain text its windows lie: from and to, as shares of its tokens.</summary>
    [Param("Where in a plain text its windows lie, from and to, as shares of its tokens: [0, 0.75] to learn from and [0.75, 1] to test on have no window in common, whatever their lengths", Minimum = 0, Maximum = 1)]
    public IReadOnlyList<double> Part { get; init; } = [0, 1];

    /// <summary>Items of a segment.</summary>
    [Param("Items of a segment: what a kill can cost", Minimum = 1, Unit = "items")]
    public int Segment { get; init; } = 25;
}
