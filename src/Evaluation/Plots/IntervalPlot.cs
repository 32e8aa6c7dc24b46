namespace AdaptiveKv.Evaluation.Plots;

/// <summary>A row for each name: a point with its interval, over one axis that holds zero.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Description">What can be read from it.</param>
/// <param name="XName">Of the axis, with its unit.</param>
/// <param name="Rows">At least one, of one point each along the axis, which runs right.</param>
internal sealed record IntervalPlot(string Title, string Description, string XName, IReadOnlyList<PlotSeries> Rows) : Plot(Title, Description)
{
    private const double Top = 10, Margin = 52, NameRoom = 290;

    /// <inheritdoc/>
    public override SvgImage ToSvg()
    {
        bool isBeside = Width > RoomForNames;
        double left = 16 + (isBeside ? Math.Min(NameRoom, Rows.Max(row => SvgImage.WidthOf(row.Name))) : 0);
        double right = Width - 30, height = isBeside ? 26 : 40, bottom = Top + (height * Rows.Count);
        SvgImage svg = new(Title, Description, Width, bottom + Margin);
        Scale x = Scale.Linear([0, .. Rows.SelectMany(row => row.Heights)], left, right, fromZero: true);
        foreach (double tick in x.Ticks)
        {
            svg.Line(Math.Abs(tick) < 1e-12 ? "axis" : "grid", x.At(tick), Top, x.At(tick), bottom);
        }

        svg.Ticks(x, bottom + 18);
        svg.Text((left + right) / 2, bottom + 40, XName, "middle");
        foreach ((int index, PlotSeries row) in Rows.Index())
        {
            double y = Top + (height * (index + 1)) - 13;
            svg.Text(isBeside ? left - 8 : left, isBeside ? y + 4 : y - 10, SvgImage.Fit(row.Name, isBeside ? NameRoom : right - left), isBeside ? "end" : "start");
            PlotPoint point = row.Points[0];
            if (point is { Low: { } low, High: { } high })
            {
                svg.Path($"whisker {PlotStyle.Series(row.Color)}", FormattableString.Invariant($"M{x.At(low):0.#} {y - 4:0.#}v8m0-4H{x.At(high):0.#}m0-4v8"));
            }

            svg.Dot(x.At(point.Y), y, row);
        }

        return svg;
    }
}
