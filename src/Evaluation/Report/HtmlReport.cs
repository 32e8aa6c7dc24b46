using System.Security;
using System.Text;
using AdaptiveKv.Evaluation.Plots;

namespace AdaptiveKv.Evaluation.Report;

/// <summary>A report as one HTML file: no scripts, and nothing that is fetched, which the page's own policy forbids.</summary>
internal static class HtmlReport
{
    private const string Css =
        """
        :root{color-scheme:light dark;--page:#fff;--ink:#1c1e21;--soft:#565c64;--line:#d7dbe0;--card:#f6f8fa;--warn:#8a4b00;--accent:#0068a6}
        @media (prefers-color-scheme:dark){:root{--page:#14171b;--ink:#e4e6e9;--soft:#a4abb3;--line:#353b43;--card:#1b1f25;--warn:#ffb454;--accent:#62b6f0}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,'Segoe UI',Helvetica,Arial,sans-serif}
        main{max-width:1040px;margin:0 auto;padding:24px 16px 64px}
        h1{font-size:1.5rem;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
        h2{font-size:1.25rem;margin:40px 0 8px;padding-bottom:4px;border-bottom:1px solid var(--line)}
        h3{font-size:1.05rem;margin:24px 0 4px}
        p{margin:4px 0 12px;overflow-wrap:anywhere}
        .soft{color:var(--soft);font-size:.92rem}
        .warn{color:var(--warn);font-weight:600}
        .verdict{background:var(--card);border:1px solid var(--line);border-left:5px solid var(--accent);border-radius:6px;padding:12px 18px;margin:16px 0}
        .verdict h2{margin:0 0 4px;border:0;padding:0}
        .verdict ul,.facts{margin:0;padding-left:20px;overflow-wrap:anywhere}
        .pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:12px;margin:8px 0}
        .pictures.wide{grid-template-columns:minmax(0,1fr)}
        .picture{min-width:0;background:var(--card);border:1px solid var(--line);border-radius:6px;padding:8px}
        .picture svg{display:block;width:100%;height:auto;margin:0 auto}
        .scroll{overflow-x:auto;margin:8px 0}
        table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums}
        th,td{padding:3px 10px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
        th:first-child{text-align:left}
        thead th{color:var(--soft);font-weight:600;border-bottom:2px solid var(--line)}
        tbody th{font-weight:500}
        dl{display:grid;grid-template-columns:minmax(90px,auto) 1fr;gap:2px 16px;font-size:.92rem}
        dt{font-weight:600}
        dd{margin:0;color:var(--soft)}
        summary{cursor:pointer;color:var(--soft);font-size:.92rem}
        .picture .narrow{display:none}
        @media (max-width:600px){dl{display:block}dt{margin-top:6px}.picture .wide{display:none}.picture .narrow{display:block}}
        @media print{.picture,.verdict{break-inside:avoid}}
        """;

    private static readonly (string Term, string Meaning)[] Glossary =
    [
        ("policy", "what decides in how many bits each token's keys and values are kept: static-4 takes 4 bits for all, learned-3.5 a controller's choice at 3.5 bits in the mean"),
        ("+sinks1, +recent8", "the first token, or the newest 8, stay at 16 bits"),
        ("effective bits", "bits for each number in the cache as allocated, with scales, zero points and unused room"),
        ("KL", "how far a policy's predictions are from those of the 16-bit cache: mean KL(16 bits || policy) per prediction, in nats; 0 is no difference"),
        ("top-1", "share of predictions with the same likeliest token as at 16 bits"),
        ("acc, acc_norm, acc_bytes", "share of items answered right by log-likelihood, and by that per character or byte"),
        ("marks", PolicyStyle.Legend),
        ("chance", "the tiers dealt at random at the same bits: what a policy must beat for its choice to be worth anything"),
        ("95 % interval", "where the figure would lie in 19 of 20 repetitions with other items"),
        ("p", "how likely a difference of this size is if there is none"),
    ];

    // Wider pictures stand below each other; on a telephone all are drawn anew, so that their letters stay large.
    private const double HalfPage = 500, Telephone = 350;

    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

    /// <summary>The page; lines end with LF.</summary>
    public static string Of(ReportDocument document)
    {
        string title = Escape(document.Title);
        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.Append($"<meta http-equiv=\"Content-Security-Policy\" content=\"{Policy}\">\n<meta name=\"color-scheme\" content=\"light dark\">\n");
        page.Append($"<link rel=\"icon\" href=\"data:,\">\n<title>akv report: {title}</title>\n<style>\n{Css}\n{PlotStyle.Css}\n</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p class=\"soft\">{Escape(document.Subtitle)}</p>\n");
        foreach (string warning in document.Warnings)
        {
            page.Append($"<p class=\"warn\">{Escape(warning)}</p>\n");
        }

        page.Append("<section class=\"verdict\">\n<h2>Verdict</h2>\n").Append(List("", document.Verdict)).Append("</section>\n");
        foreach ((string heading, IReadOnlyList<ReportFigure> figures) in document.Sections)
        {
            page.Append($"<section>\n<h2>{Escape(heading)}</h2>\n");
            foreach (ReportFigure figure in figures)
            {
                AddFigure(page, figure);
            }

            page.Append("</section>\n");
        }

        page.Append("<section>\n<h2>Glossary</h2>\n<dl>\n");
        foreach ((string term, string meaning) in Glossary)
        {
            page.Append($"<dt>{Escape(term)}</dt><dd>{Escape(meaning)}</dd>\n");
        }

        page.Append("</dl>\n</section>\n<section>\n<h2>Provenance</h2>\n").Append(List(" class=\"facts soft\"", document.Provenance));
        return page.Append("</section>\n</main>\n</body>\n</html>\n").ToString();
    }

    private static void AddFigure(StringBuilder page, ReportFigure figure)
    {
        page.Append($"<h3>{Escape(figure.Title)}</h3>\n<p class=\"soft\">{Escape(figure.Note)}</p>\n");
        string table = $"<div class=\"scroll\" tabindex=\"0\">\n{figure.Table.ToHtml()}</div>\n";
        if (figure.Pictures.Count == 0)
        {
            page.Append(table);
            return;
        }

        page.Append($"<div class=\"pictures{(figure.Pictures.Any(picture => picture.Width > HalfPage) ? " wide" : "")}\">\n");
        foreach (Plot picture in figure.Pictures)
        {
            page.Append($"<div class=\"picture\">\n{picture.ToSvg().ToElement("wide")}{picture.ToSvg(Telephone).ToElement("narrow")}</div>\n");
        }

        page.Append($"</div>\n<details>\n<summary>The same as a table</summary>\n{table}</details>\n");
    }

    private static string List(string attributes, IReadOnlyList<string> lines) =>
        $"<ul{attributes}>\n{string.Concat(lines.Select(line => $"<li>{Escape(line)}</li>\n"))}</ul>\n";

    private static string Escape(string text) => SecurityElement.Escape(Printable.Of(text));
}
