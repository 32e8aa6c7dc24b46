namespace AdaptiveKv.Evaluation.Plots;

/// <summary>Counts by two kinds of names, each cell tinted by its share of its row.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Description">What can be read from it.</param>
/// <param name="RowName">What the rows are.</param>
/// <param name="ColumnName">What the columns are.</param>
/// <param name="Names">Of the rows and the columns alike.</param>
/// <param name="Counts">Row by row, as many as there are names each.</param>
internal sealed record MatrixPlot(string Title, string Description, string RowName, string ColumnName, IReadOnlyList<string> Names, IReadOnlyList<IReadOnlyList<long>> Counts)
    : Plot(Title, Description)
{
    private const double Left = 100, Top = 56, Right = 12, WidestCell = 96, CellHeight = 46;

    /// <inheritdoc/>
    public override SvgImage ToSvg()
    {
        double cell = Math.Min(WidestCell, (Width - Left - Right) / Names.Count);
        SvgImage svg = new(Title, Description, Left + (cell * Names.Count) + Right, Top + (CellHeight * Names.Count) + 12);
        svg.Text(Left + (cell * Names.Count / 2), 20, ColumnName, "middle");
        double middle = Top + (CellHeight * Names.Count / 2);
        svg.Text(18, middle, RowName, "middle", FormattableString.Invariant($" transform=\"rotate(-90 18 {middle:0.#})\""));
        foreach ((int row, string name) in Names.Index())
        {
            svg.Text(Left - 10, Top + (CellHeight * (row + 0.5)) + 4, SvgImage.Fit(name, 60), "end");
            svg.Text(Left + (cell * (row + 0.5)), Top - 10, SvgImage.Fit(name, cell), "middle");
            double total = Math.Max(1, Counts[row].Sum());
            foreach ((int column, long count) in Counts[row].Index())
            {
                (double x, double y) = (Left + (cell * column), Top + (CellHeight * row));
                // Half of the colour at most: the text on it stays readable.
                svg.Rectangle("cell s0", x, y, cell - 3, CellHeight - 3, FormattableString.Invariant($" fill-opacity=\"{0.04 + (0.46 * count / total):0.##}\""));
                svg.Text(x + (cell / 2) - 1, y + 19, $"{count:N0}", "middle");
                svg.Text(x + (cell / 2) - 1, y + 35, $"{100 * count / total:0} %", "middle");
            }
        }

        return svg;
    }
}
