namespace AdaptiveKv.Pipeline.Stages;

/// <summary>A value that a stage would refuse.</summary>
/// <param name="Param">Its name.</param>
/// <param name="Problem">What is wrong, and what would be right.</param>
public sealed record ParamFault(string Param, string Problem);
