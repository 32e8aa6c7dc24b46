namespace AdaptiveKv.Evaluation.Plots;

/// <summary>A measured point.</summary>
/// <param name="X">Along the axis that runs right.</param>
/// <param name="Y">Along the axis that runs up.</param>
/// <param name="Low">The lower end of its interval; null where none is known.</param>
/// <param name="High">The upper end.</param>
internal sealed record PlotPoint(double X, double Y, double? Low = null, double? High = null);
