namespace AdaptiveKv.Evaluation.Plots;

/// <summary>The names of series, in rows above a picture.</summary>
internal static class Legend
{
    private const double Mark = 22, Gap = 18, RowHeight = 20;

    /// <summary>The height that its rows take.</summary>
    public static double Height(IEnumerable<string> names, double width) => RowHeight * (1 + Places(names, width).Select(place => place.Row).DefaultIfEmpty(0).Max());

    /// <summary>Draws it.</summary>
    /// <param name="svg">The picture.</param>
    /// <param name="entries">Name, and how its mark is drawn around a point of the left.</param>
    /// <param name="left">In pixels.</param>
    /// <param name="top">In pixels.</param>
    /// <param name="width">Rows are broken at it.</param>
    public static void Draw(SvgImage svg, IReadOnlyList<(string Name, Action<double, double> Mark)> entries, double left, double top, double width)
    {
        foreach (((string name, Action<double, double> mark), (double x, int row)) in entries.Zip(Places(entries.Select(entry => entry.Name), width)))
        {
            double y = top + (RowHeight * row) + (RowHeight / 2);
            mark(left + x, y);
            svg.Text(left + x + Mark + 6, y + 4, Shown(name, width));
        }
    }

    private static IEnumerable<(double X, int Row)> Places(IEnumerable<string> names, double width)
    {
        double x = 0;
        int row = 0;
        foreach (string name in names)
        {
            double needed = Mark + 6 + SvgImage.WidthOf(Shown(name, width));
            if (x > 0 && x + needed > width)
            {
                (x, row) = (0, row + 1);
            }

            yield return (x, row);
            x += needed + Gap;
        }
    }

    private static string Shown(string name, double width) => SvgImage.Fit(name, width - Mark - 6);
}
