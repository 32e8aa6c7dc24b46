namespace AdaptiveKv.Evaluation.Plots;

/// <summary>A row for each name: a dot with its interval, over one axis that begins at zero.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Description">What can be read from it.</param>
/// <param name="XName">Of the axis, with its unit.</param>
/// <param name="Rows">At least one.</param>
internal sealed record IntervalPlot(string Title, string Description, string XName, IReadOnlyList<(string Name, double Value, double Low, double High)> Rows)
{
    private const double Width = 720, Right = 690, Top = 10, RowHeight = 26, Margin = 52, NameRoom = 230;

    public SvgImage ToSvg()
    {
        double left = 16 + Math.Min(NameRoom, Rows.Max(row => SvgImage.WidthOf(row.Name)));
        double bottom = Top + (RowHeight * Rows.Count);
        SvgImage svg = new(Title, Description, Width, bottom + Margin);
        Scale x = Scale.Linear([.. Rows.SelectMany(row => new[] { row.Value, row.Low, row.High })], left, Right, fromZero: true);
        foreach (double tick in x.Ticks)
        {
            svg.Line(tick == 0 ? "axis" : "grid", x.At(tick), Top, x.At(tick), bottom);
            svg.Text(x.At(tick), bottom + 18, Scale.Text(tick), "middle");
        }

        svg.Text((left + Right) / 2, bottom + 40, XName, "middle");
        foreach ((int index, (string name, double value, double low, double high)) in Rows.Index())
        {
            double y = Top + (RowHeight * (index + 0.5));
            svg.Text(left - 8, y + 4, SvgImage.Fit(name, NameRoom), "end");
            if (high > low)
            {
                svg.Path("whisker s0", FormattableString.Invariant($"M{x.At(low):0.#} {y - 4:0.#}v8m0-4H{x.At(high):0.#}m0-4v8"));
            }

            svg.Dot("dot s0", x.At(value), y);
        }

        return svg;
    }
}
