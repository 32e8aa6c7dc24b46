namespace AdaptiveKv.Evaluation.Plots;

/// <summary>A bar of shares for each name, the parts labelled where they are wide enough.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Description">What can be read from it.</param>
/// <param name="Bars">Shares of each bar sum to 1; a part's shade is an index into <see cref="PlotStyle"/>'s.</param>
internal sealed record StackedBarPlot(string Title, string Description, IReadOnlyList<(string Name, IReadOnlyList<(string Part, double Share, int Shade)> Parts)> Bars)
    : Plot(Title, Description)
{
    private const double BarHeight = 25, NameRoom = 230;

    /// <inheritdoc/>
    public override SvgImage ToSvg()
    {
        bool isBeside = Width > RoomForNames;
        double left = isBeside ? 16 + Math.Min(NameRoom, Bars.Max(bar => SvgImage.WidthOf(bar.Name))) : 8, right = Width - 20, height = isBeside ? 32 : 50;
        (string Part, int Shade)[] parts = [.. Bars.SelectMany(bar => bar.Parts).Select(part => (part.Part, part.Shade)).Distinct().OrderBy(part => part.Shade)];
        double top = Legend.Height(parts.Select(part => part.Part), right - left) + 14;
        SvgImage svg = new(Title, Description, Width, top + (height * Bars.Count) + 4);
        Legend.Draw(svg, [.. parts.Select(part => (part.Part, Marker(svg, part.Shade)))], left, 4, right - left);
        foreach ((int index, (string name, IReadOnlyList<(string Part, double Share, int Shade)> shares)) in Bars.Index())
        {
            double y = top + (height * (index + 1)) - 32;
            svg.Text(isBeside ? left - 8 : left, isBeside ? y + 17 : y - 5, SvgImage.Fit(name, isBeside ? NameRoom : right - left), isBeside ? "end" : "start");
            double x = left;
            foreach ((string part, double share, int shade) in shares)
            {
                double width = share * (right - left);
                svg.Rectangle($"tier t{shade}", x, y, width, BarHeight);
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
