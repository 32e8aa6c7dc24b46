namespace AdaptiveKv.Evaluation.Plots;

/// <summary>A bar of shares for each name, the parts labelled where they are wide enough.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Description">What can be read from it.</param>
/// <param name="Bars">Shares of each bar sum to 1; a part's shade is an index into <see cref="PlotStyle"/>'s.</param>
internal sealed record StackedBarPlot(string Title, string Description, IReadOnlyList<(string Name, IReadOnlyList<(string Part, double Share, int Shade)> Parts)> Bars)
{
    private const double Width = 720, Right = 700, RowHeight = 32, NameRoom = 230;

    public SvgImage ToSvg()
    {
        double left = 16 + Math.Min(NameRoom, Bars.Max(bar => SvgImage.WidthOf(bar.Name)));
        (string Part, int Shade)[] parts = [.. Bars.SelectMany(bar => bar.Parts).Select(part => (part.Part, part.Shade)).Distinct().OrderBy(part => part.Shade)];
        double top = Legend.Height(parts.Select(part => part.Part), Right - left) + 14;
        SvgImage svg = new(Title, Description, Width, top + (RowHeight * Bars.Count) + 4);
        Legend.Draw(svg, [.. parts.Select(part => (part.Part, Marker(svg, part.Shade)))], left, 4, Right - left);
        foreach ((int index, (string name, IReadOnlyList<(string Part, double Share, int Shade)> shares)) in Bars.Index())
        {
            double y = top + (RowHeight * index);
            svg.Text(left - 8, y + 17, SvgImage.Fit(name, NameRoom), "end");
            double x = left;
            foreach ((string part, double share, int shade) in shares)
            {
                double width = share * (Right - left);
                svg.Rectangle($"tier t{shade}", x, y, width, RowHeight - 7);
                string label = Label(part, share, width);
                svg.Text(x + (width / 2), y + 17, label, "middle", $" class=\"on{shade}\"");
                x += width;
            }
        }

        return svg;
    }

    private static Action<double, double> Marker(SvgImage svg, int shade) => (x, y) => svg.Rectangle($"tier t{shade}", x + 4, y - 7, 14, 14);

    // The longest of what fits; a thin part is named by the legend and the table.
    private static string Label(string part, double share, double width) =>
        new[] { $"{part}: {100 * share:0} %", $"{100 * share:0} %" }.FirstOrDefault(text => SvgImage.WidthOf(text) < width - 4) ?? string.Empty;
}
