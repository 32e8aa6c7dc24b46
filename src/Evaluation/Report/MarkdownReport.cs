using System.Text;
using AdaptiveKv.Evaluation.Plots;
using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>A report as Markdown, for a pull request: what was found, and every table.</summary>
internal static class MarkdownReport
{
    // A table of every epoch would bury the rest; the page has it.
    private const int MostRows = 40;

    /// <summary>Lines end with LF.</summary>
    public static string Of(ReportDocument document)
    {
        StringBuilder text = new($"# {MarkdownText.Of(document.Title)}\n\n{MarkdownText.Of(document.Subtitle)}\n\n");
        foreach (string warning in document.Warnings)
        {
            text.Append($"> **{MarkdownText.Of(warning)}**\n\n");
        }

        AddList(text.Append("## Verdict\n\n"), document.Verdict);
        foreach ((string heading, IReadOnlyList<ReportFigure> figures) in document.Sections)
        {
            text.Append($"\n## {MarkdownText.Of(heading)}\n");
            foreach (ReportFigure figure in figures)
            {
                text.Append($"\n### {MarkdownText.Of(figure.Title)}\n\n{MarkdownText.Of(figure.Note)}\n\n");
                string[] lines = [.. figure.Pictures.OfType<LinePlot>().SelectMany(Lines)];
                AddList(text, lines);
                text.Append(lines.Length > 0 ? "\n" : "").Append(figure.Table.ToMarkdown(MostRows));
            }
        }

        AddList(text.Append("\n## Provenance\n\n"), document.Provenance);
        return text.ToString();
    }

    private static IEnumerable<string> Lines(LinePlot plot) => plot.Series.Where(series => series.Points.Count > 0).Select(series =>
        $"{plot.YName}, {series.Name}: {Sparkline.Of([.. series.Points.Select(point => point.Y)])} {series.Points[0].Y:0.####} to {series.Points[^1].Y:0.####}");

    private static void AddList(StringBuilder text, IReadOnlyList<string> lines)
    {
        foreach (string line in lines)
        {
            text.Append($"- {MarkdownText.Of(line)}\n");
        }
    }
}
