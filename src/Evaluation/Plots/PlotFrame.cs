namespace AdaptiveKv.Evaluation.Plots;

/// <summary>A picture with two axes, and what is drawn between them.</summary>
/// <param name="svg">The picture.</param>
/// <param name="x">Runs right.</param>
/// <param name="y">Runs up.</param>
internal sealed class PlotFrame(SvgImage svg, Scale x, Scale y)
{
    private const double TickRoom = 62;

    public Scale X => x;

    public Scale Y => y;

    /// <summary>Grid, ticks and the names of the axes.</summary>
    /// <param name="xName">Below; with the unit.</param>
    /// <param name="yName">At the left, upright; with the unit.</param>
    /// <param name="left">Where the frame begins, in pixels.</param>
    /// <param name="right">Where it ends.</param>
    public void DrawAxes(string xName, string yName, double left, double right)
    {
        foreach (double tick in y.Ticks)
        {
            svg.Line(tick == y.Ticks[0] ? "axis" : "grid", left, y.At(tick), right, y.At(tick));
            svg.Text(left - 8, y.At(tick) + 4, Scale.Text(tick), "end");
        }

        foreach (double tick in x.Ticks)
        {
            svg.Line("axis", x.At(tick), y.Start, x.At(tick), y.Start + 5);
        }

        svg.Ticks(x, y.Start + 20);

        svg.Text((left + right) / 2, y.Start + 42, xName, "middle");
        double middle = (y.Start + y.End) / 2;
        double column = left - TickRoom;
        svg.Text(column, middle, yName, "middle", FormattableString.Invariant($" transform=\"rotate(-90 {column:0.#} {middle:0.#})\""));
    }

    public void DrawLine(PlotSeries series) => svg.Polyline(series.Line, series.Points.Select(point => (x.At(point.X), y.At(point.Y))));

    public void DrawPoints(PlotSeries series)
    {
        string color = PlotStyle.Series(series.Color);
        foreach (PlotPoint point in series.Points)
        {
            double place = x.At(point.X);
            if (point is { Low: { } low, High: { } high })
            {
                (double bottom, double top) = (y.At(low), y.At(high));
                svg.Path($"whisker {color}", FormattableString.Invariant($"M{place - 4:0.#} {bottom:0.#}h8m-4 0V{top:0.#}m-4 0h8"));
            }

            svg.Dot(place, y.At(point.Y), series);
        }
    }
}
