namespace AdaptiveKv.Pipeline.Files;

/// <summary>What a stage's file is for, by the key it stands under.</summary>
public enum OutRole
{
    /// <summary>Under <c>outs:</c>: for other stages and users.</summary>
    Out,

    /// <summary>Under <c>metrics:</c>: JSON with numbers to show and compare.</summary>
    Metrics,

    /// <summary>Under <c>plots:</c>: data of curves.</summary>
    Plot,
}
