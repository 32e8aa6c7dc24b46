namespace AdaptiveKv.Pipeline.Stages;

/// <summary>Which of two values of a metric is the better one.</summary>
public enum Better
{
    /// <summary>Neither: a count, a setting, what is compared with.</summary>
    Neither,

    /// <summary>The greater: an accuracy.</summary>
    More,

    /// <summary>The smaller: a loss, memory.</summary>
    Less,

    /// <summary>The one nearer to 0: how far a target was missed.</summary>
    NearerZero,
}
