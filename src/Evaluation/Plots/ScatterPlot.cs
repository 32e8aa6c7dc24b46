namespace AdaptiveKv.Evaluation.Plots;

/// <summary>Named points with intervals over a cost, and the front of those that no other beats.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Description">What can be read from it.</param>
/// <param name="XName">Of the cost, with its unit.</param>
/// <param name="YName">Of the quality, with its unit.</param>
/// <param name="Series">One point each; the name stands beside it.</param>
internal sealed record ScatterPlot(string Title, string Description, string XName, string YName, IReadOnlyList<PlotSeries> Series) : Plot(Title, Description)
{
    private const double Left = 80, RightMargin = 20, Top = 14, Margin = 54, Air = 14;

    private static readonly double[] RoundBits = [0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 64];

    /// <summary>Whether a larger number is the better one.</summary>
    public bool MoreIsBetter { get; init; }

    /// <summary>Whether equal distances upwards are equal ratios; points at zero are left out then.</summary>
    public bool IsYLogarithmic { get; init; }

    private double Right => Width - RightMargin;

    // Where there is little room beside points, names go above and below them.
    private double Bottom => Width > RoomForNames ? 364 : 564;

    /// <inheritdoc/>
    public override SvgImage ToSvg()
    {
        SvgImage svg = new(Title, Description, Width, Bottom + Margin);
        PlotSeries[] shown = [.. Series.Where(series => !IsYLogarithmic || series.Points[0].Y > 0)];
        PlotFrame frame = new(svg, XScale(shown), YScale(shown));
        frame.DrawAxes(XName, YName, Left, Right);
        IReadOnlyList<PlotPoint> front = ParetoFront.Of(shown.Select(series => series.Points[0]), MoreIsBetter);
        svg.Polyline("guide", front.Select(point => (frame.X.At(point.X), frame.Y.At(point.Y))));
        foreach (PlotSeries series in shown)
        {
            frame.DrawPoints(series);
        }

        DrawLabels(svg, frame, shown, front);
        return svg;
    }

    // Widths of codes are what costs come in: equal distances are equal ratios, so that small ones are not crowded.
    private Scale XScale(IReadOnlyList<PlotSeries> shown)
    {
        double least = shown.Min(series => series.Points[0].X);
        double most = shown.Max(series => series.Points[0].X);
        double first = RoundBits.LastOrDefault(bits => bits <= least, least);
        double last = RoundBits.FirstOrDefault(bits => bits >= most, most);
        return new Scale(first, last, Left + Air, Right - Air, [.. RoundBits.Where(bits => bits >= first && bits <= last)], IsLogarithmic: true);
    }

    private Scale YScale(IReadOnlyList<PlotSeries> shown)
    {
        double[] values = [.. shown.SelectMany(series => series.Heights)];
        return IsYLogarithmic ? Scale.Logarithmic([.. values.Where(value => value > 0)], Bottom, Top) : Scale.Linear(values, Bottom, Top, fromZero: false);
    }

    private void DrawLabels(SvgImage svg, PlotFrame frame, IReadOnlyList<PlotSeries> shown, IReadOnlyList<PlotPoint> front)
    {
        LabelPlacement placement = new(new Box(Left + 2, Top - 6, Right + 16, Bottom - 2));
        foreach (PlotPoint point in shown.Select(series => series.Points[0]))
        {
            (double x, double y) = (frame.X.At(point.X), frame.Y.At(point.Y));
            placement.Occupy(new Box(x - 6, y - 6, x + 6, y + 6));
            placement.Occupy(new Box(x - 5, frame.Y.At(point.High ?? point.Y), x + 5, frame.Y.At(point.Low ?? point.Y)));
        }

        foreach ((PlotPoint from, PlotPoint to) in front.Zip(front.Skip(1)))
        {
            OccupyLine(placement, frame.X.At(from.X), frame.Y.At(from.Y), frame.X.At(to.X), frame.Y.At(to.Y));
        }

        List<PlotSeries> crowded = [];
        foreach (PlotSeries series in shown)
        {
            (double x, double y) = (frame.X.At(series.Points[0].X), frame.Y.At(series.Points[0].Y));
            string label = SvgImage.Fit(series.Name, Math.Min(240, (Right - Left) * 0.8));
            string color = PlotStyle.Series(series.Color);
            if (placement.Place(x, y, SvgImage.WidthOf(label)) is { } box)
            {
                bool isRight = box.Left > x;
                bool isAside = isRight || box.Right < x;
                double near = isRight ? box.Left : isAside ? box.Right : x;
                double middle = (box.Top + box.Bottom) / 2;
                if (Math.Abs(near - x) + Math.Abs(middle - y) > 26)
                {
                    svg.Line($"leader {color}", x, y, near, isAside ? middle : middle < y ? box.Bottom : box.Top);
                }

                svg.Text(isAside ? near : (box.Left + box.Right) / 2, middle + 4, label, isRight ? "start" : isAside ? "end" : "middle", $" class=\"{color}\"");
            }
            else
            {
                crowded.Add(series);
            }
        }

        // Below the picture where there is no room in it.
        foreach (PlotSeries series in crowded)
        {
            double y = svg.Height + 8;
            svg.Grow(20);
            svg.Dot(Air, y, series);
            string place = FormattableString.Invariant($"{SvgImage.Fit(series.Name, Width - 150)}: {series.Points[0].X:0.##}, {series.Points[0].Y:G3}");
            svg.Text(Air + 12, y + 4, place, extra: $" class=\"{PlotStyle.Series(series.Color)}\"");
        }
    }

    private static void OccupyLine(LabelPlacement placement, double x1, double y1, double x2, double y2)
    {
        const double Step = 8;
        int steps = Math.Max(1, (int)(Math.Max(Math.Abs(x2 - x1), Math.Abs(y2 - y1)) / Step));
        for (int i = 0; i <= steps; i++)
        {
            double x = x1 + ((x2 - x1) * i / steps);
            double y = y1 + ((y2 - y1) * i / steps);
            placement.Occupy(new Box(x - 3, y - 3, x + 3, y + 3));
        }
    }
}
