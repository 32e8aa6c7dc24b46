namespace AdaptiveKv.Evaluation.Plots;

/// <summary>Points of one colour and name.</summary>
/// <param name="Name">In the legend, or beside the point.</param>
/// <param name="Points">In the order in which a line joins them.</param>
/// <param name="Color">Index into the colours of <see cref="PlotStyle"/>; null for the text's own.</param>
internal sealed record PlotSeries(string Name, IReadOnlyList<PlotPoint> Points, int? Color = null)
{
    /// <summary>Of each point.</summary>
    public PointMark Mark { get; init; }

    /// <summary>Whether marks are outlines, for the second of two runs.</summary>
    public bool IsHollow { get; init; }

    /// <summary>Every number on the axis that runs up, intervals included.</summary>
    public IEnumerable<double> Heights => Points.SelectMany(point => new[] { point.Y, point.Low ?? point.Y, point.High ?? point.Y });

    /// <summary>How the line is broken, for series that share a colour: 0 for not at all.</summary>
    public int Dash { get; init; }

    /// <summary>The classes of its line.</summary>
    public string Line => $"line {PlotStyle.Series(Color)} d{Dash % PlotStyle.Dashes}";
}

/// <summary>A measured point.</summary>
/// <param name="X">Along the axis that runs right.</param>
/// <param name="Y">Along the axis that runs up.</param>
/// <param name="Low">The lower end of its interval; null where none is known.</param>
/// <param name="High">The upper end.</param>
internal sealed record PlotPoint(double X, double Y, double? Low = null, double? High = null);
