using System.Globalization;
using System.Security;
using System.Text;

namespace AdaptiveKv.Evaluation.Plots;

/// <summary>A picture in SVG under construction. Its colours are classes of <see cref="PlotStyle"/>; its text is escaped.</summary>
internal sealed class SvgImage
{
    // Of a sans-serif font at 13 pixels; labels are placed by it, so it is on the large side.
    private const double CharacterWidth = 7.2;

    private readonly StringBuilder body = new();

    /// <param name="title">What it shows, in half a line.</param>
    /// <param name="description">What can be read from it, for those who do not see it.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    public SvgImage(string title, string description, double width, double height)
    {
        (Width, Height) = (width, height);
        body.Append($"<title>{Escape(title)}</title>\n<desc>{Escape(description)}</desc>\n");
    }

    public double Width { get; }

    public double Height { get; private set; }

    /// <summary>A width that a text is not wider than, nearly always.</summary>
    public static double WidthOf(string text) => text.Length * CharacterWidth;

    /// <summary>A text that fits a width, with an ellipsis where it was cut.</summary>
    public static string Fit(string text, double width)
    {
        int most = Math.Max(1, (int)(width / CharacterWidth));
        return text.Length <= most ? text : $"{text[..(most - 1)]}…";
    }

    /// <summary>Makes room below.</summary>
    public void Grow(double height) => Height += height;

    public void Text(double x, double y, string text, string anchor = "start", string extra = "") =>
        body.Append($"<text x=\"{N(x)}\" y=\"{N(y)}\"{(anchor == "start" ? "" : $" text-anchor=\"{anchor}\"")}{extra}>{Escape(text)}</text>\n");

    /// <summary>The numbers along an axis that runs right, but for those that would meet the one before.</summary>
    public void Ticks(Scale x, double y)
    {
        double free = double.NegativeInfinity;
        foreach (double tick in x.Ticks)
        {
            double half = WidthOf(Scale.Text(tick)) / 2;
            if (x.At(tick) - half > free)
            {
                Text(x.At(tick), y, Scale.Text(tick), "middle");
                free = x.At(tick) + half;
            }
        }
    }

    /// <param name="style">Classes.</param>
    /// <param name="data">Path commands.</param>
    public void Path(string style, string data) => body.Append($"<path class=\"{style}\" d=\"{data}\"/>\n");

    public void Line(string style, double x1, double y1, double x2, double y2) => Path(style, $"M{N(x1)} {N(y1)}L{N(x2)} {N(y2)}");

    public void Polyline(string style, IEnumerable<(double X, double Y)> points) =>
        body.Append($"<polyline class=\"{style}\" points=\"{string.Join(' ', points.Select(point => $"{N(point.X)},{N(point.Y)}"))}\"/>\n");

    /// <summary>A mark around a point.</summary>
    public void Dot(double x, double y, PlotSeries? series = null) => Path(
        $"dot {PlotStyle.Series(series?.Color)}{(series is { IsHollow: true } or { Mark: PointMark.Cross } ? " hollow" : "")}",
        series?.Mark switch
        {
            PointMark.Square => $"M{N(x - 3.5)} {N(y - 3.5)}h7v7h-7z",
            PointMark.Diamond => $"M{N(x)} {N(y - 5)}l5 5l-5 5l-5-5z",
            PointMark.Triangle => $"M{N(x)} {N(y - 4.5)}l4.5 8h-9z",
            PointMark.Cross => $"M{N(x - 4)} {N(y - 4)}l8 8m0-8l-8 8",
            _ => $"M{N(x - 3.5)} {N(y)}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z",
        });

    public void Rectangle(string style, double x, double y, double width, double height, string extra = "") =>
        body.Append($"<rect class=\"{style}\" x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\"{extra}/>\n");

    /// <summary>Part of a page that has <see cref="PlotStyle.Css"/>.</summary>
    /// <param name="style">A class of the page's own.</param>
    public string ToElement(string style) => $"<svg class=\"plot {style}\" style=\"max-width:{N(1.1 * Width)}px\" viewBox=\"0 0 {N(Width)} {N(Height)}\" role=\"img\">\n{body}</svg>\n";

    /// <summary>A file of its own.</summary>
    public string ToFile() =>
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" viewBox=\"0 0 {N(Width)} {N(Height)}\" role=\"img\">\n<style>{PlotStyle.Css}</style>\n{body}</svg>\n";

    private static string N(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(Printable.Of(text));
}
