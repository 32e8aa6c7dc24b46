namespace AdaptiveKv.Evaluation.Plots;

/// <summary>Lines over two axes, with a legend above them.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Description">What can be read from it.</param>
/// <param name="XName">Of the axis that runs right, with its unit.</param>
/// <param name="YName">Of the axis that runs up, with its unit.</param>
/// <param name="Series">At least one point in all.</param>
internal sealed record LinePlot(string Title, string Description, string XName, string YName, IReadOnlyList<PlotSeries> Series) : Plot(Title, Description)
{
    private const double Left = 80, RightMargin = 20, Bottom = 54, Air = 12;

    /// <summary>Of the frame, without legend and ticks.</summary>
    public double FrameHeight { get; init; } = 280;

    /// <summary>A line above the picture; null for none.</summary>
    public string? Heading { get; init; }

    /// <summary>The numbers written below; null for round ones.</summary>
    public IReadOnlyList<double>? XTicks { get; init; }

    /// <summary>Whether equal distances to the right are equal ratios.</summary>
    public bool IsXLogarithmic { get; init; }

    /// <summary>Whether the axis that runs up begins at zero.</summary>
    public bool FromZero { get; init; } = true;

    /// <summary>Whether every point is marked, not just the line.</summary>
    public bool ShowsPoints { get; init; } = true;

    /// <summary>Whether both axes run from 0 to 1 with the diagonal drawn, as of a calibration.</summary>
    public bool IsUnitSquare { get; init; }

    /// <summary>Where an upright line stands, and its name; null for none.</summary>
    public (double X, string Name)? Mark { get; init; }

    /// <inheritdoc/>
    public override SvgImage ToSvg()
    {
        double right = Width - RightMargin;
        double headed = Heading is null ? 8 : 30;
        double top = headed + Legend.Height([.. Series.Select(series => series.Name), .. Mark is { } named ? [named.Name] : Array.Empty<string>()], right - Left) + 12;
        SvgImage svg = new(Title, Description, Width, top + FrameHeight + Bottom);
        if (Heading is not null)
        {
            svg.Text(Left, 20, SvgImage.Fit(Heading, right - Left));
        }

        List<(string, Action<double, double>)> entries = [.. Series.Select(series => (series.Name, Marker(svg, series)))];
        if (Mark is { } mark)
        {
            entries.Add((mark.Name, (x, y) => svg.Line("guide", x + 11, y - 8, x + 11, y + 8)));
        }

        Legend.Draw(svg, entries, Left, headed, right - Left);
        PlotFrame frame = new(svg, XScale(right), YScale(top + FrameHeight, top));
        frame.DrawAxes(XName, YName, Left, right);
        DrawGuides(svg, frame, top);
        foreach (PlotSeries series in Series)
        {
            frame.DrawLine(series);
            if (ShowsPoints)
            {
                frame.DrawPoints(series);
            }
        }

        return svg;
    }

    private static Action<double, double> Marker(SvgImage svg, PlotSeries series) => (x, y) => svg.Line(series.Line, x, y, x + 22, y);

    private void DrawGuides(SvgImage svg, PlotFrame frame, double top)
    {
        if (IsUnitSquare)
        {
            svg.Line("guide", frame.X.At(0), frame.Y.At(0), frame.X.At(1), frame.Y.At(1));
        }

        if (Mark is { } mark)
        {
            svg.Line("guide", frame.X.At(mark.X), top, frame.X.At(mark.X), frame.Y.Start);
        }
    }

    private Scale XScale(double right)
    {
        double[] values = IsUnitSquare ? [0, 1] : [.. Series.SelectMany(series => series.Points).Select(point => point.X)];
        double[] ends = [XTicks is null ? values.Min() : Math.Min(XTicks[0], values.Min()), XTicks is null ? values.Max() : Math.Max(XTicks[^1], values.Max())];
        Scale round = IsXLogarithmic ? Scale.Logarithmic(ends, Left + Air, right - Air) : Scale.Linear(ends, Left + Air, right - Air, IsUnitSquare);
        return XTicks is null && !IsXLogarithmic
            ? round with { First = ends[0], Last = ends[1], Ticks = [.. round.Ticks.Where(tick => tick >= ends[0] - 1e-9 && tick <= ends[1] + 1e-9)] }
            : round with { First = ends[0], Last = ends[1], Ticks = XTicks ?? round.Ticks };
    }

    private Scale YScale(double bottom, double top) => Scale.Linear(IsUnitSquare ? [0, 1] : [.. Series.SelectMany(series => series.Heights)], bottom, top, FromZero);
}
