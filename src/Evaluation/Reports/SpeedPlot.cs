using System.Globalization;
using System.Security;
using System.Text;
using AdaptiveKv.Evaluation.Speed;

namespace AdaptiveKv.Evaluation.Reports;

/// <summary>Tokens per second by depth as an SVG image, one line per policy; its colours follow the reader's light or dark scheme.</summary>
public static class SpeedPlot
{
    private const int Width = 720, Height = 400;
    private const double Left = 64, Right = 560, Top = 48, Bottom = 336;

    // The colours of Okabe and Ito (2008) that stand out on white and on black alike.
    private static readonly string[] Colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

    private static readonly double[] RoundNumbers = [1, 2, 2.5, 5, 10];

    /// <summary>The image as text; lines end with LF.</summary>
    /// <param name="report">At least one policy.</param>
    public static string Svg(SpeedReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        double step = TickStep(report.Policies.SelectMany(policy => policy.Depths).Max(depth => 1000 / depth.MsP5));
        var axes = new Axes(report.Settings.Depths[0], report.Settings.Depths[^1], 5 * step);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" font-family=\"sans-serif\" font-size=\"13\">\n");
        svg.Append("<style>text{fill:#222}.grid{stroke:#ccc}.axis{stroke:#555}@media (prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}.axis{stroke:#999}}</style>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<title>Decoding speed by depth</title>\n<text x=\"{Left}\" y=\"20\">{SecurityElement.Escape(Heading(report))}</text>\n");
        DrawAxes(svg, axes, report.Settings.Depths, step);
        for (int i = 0; i < report.Policies.Count; i++)
        {
            DrawPolicy(svg, axes, report.Policies[i], i);
        }

        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>A fifth of the axis: the least round number with which five steps reach <paramref name="largest"/>.</summary>
    internal static double TickStep(double largest)
    {
        double decade = Math.Pow(10, Math.Floor(Math.Log10(largest / 5)));
        return decade * RoundNumbers.First(number => number * decade * 5 >= largest);
    }

    private static string Heading(SpeedReport report) =>
        $"{report.Run.Model}, {RunLines.Count(report.Run.Threads ?? 0, "thread")} of {report.Run.Machine.Cpu}, akv {report.Run.Version}";

    private static void DrawAxes(StringBuilder svg, Axes axes, IReadOnlyList<int> depths, double step)
    {
        for (int i = 0; i <= 5; i++)
        {
            double y = axes.Y(i * step);
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{(i == 0 ? "axis" : "grid")}\" d=\"M{Left} {y:0.#}H{Right}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{y + 4:0.#}\" text-anchor=\"end\">{i * step:0.##}</text>\n");
        }

        foreach (int depth in depths)
        {
            double x = axes.X(depth);
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"axis\" d=\"M{x:0.#} {Bottom}v5\"/><text x=\"{x:0.#}\" y=\"{Bottom + 20}\" text-anchor=\"middle\">{depth}</text>\n");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{(Left + Right) / 2}\" y=\"{Bottom + 44}\" text-anchor=\"middle\">depth (tokens in the cache, logarithmic)</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"18\" y=\"{(Top + Bottom) / 2}\" text-anchor=\"middle\" transform=\"rotate(-90 18 {(Top + Bottom) / 2})\">decoded tokens per second</text>\n");
    }

    private static void DrawPolicy(StringBuilder svg, Axes axes, SpeedSummary policy, int index)
    {
        string color = Colors[index % Colors.Length];
        string dashes = index < Colors.Length ? "" : " stroke-dasharray=\"6 4\"";
        string points = string.Join(' ', policy.Depths.Select(depth => string.Create(CultureInfo.InvariantCulture, $"{axes.X(depth.Depth):0.#},{axes.Y(depth.TokensPerSecond):0.#}")));
        svg.Append(CultureInfo.InvariantCulture, $"<g stroke=\"{color}\" fill=\"none\" stroke-width=\"2\"><polyline points=\"{points}\"{dashes}/>");
        foreach (DepthSummary depth in policy.Depths)
        {
            double x = axes.X(depth.Depth);
            svg.Append(CultureInfo.InvariantCulture, $"<path stroke-width=\"1\" d=\"M{x:0.#} {axes.Y(1000 / depth.MsP95):0.#}V{axes.Y(1000 / depth.MsP5):0.#}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{x:0.#}\" cy=\"{axes.Y(depth.TokensPerSecond):0.#}\" r=\"3\" fill=\"{color}\"/>");
        }

        double y = Top + 12 + (20 * index);
        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Right + 16} {y}h20\"{dashes}/></g><text x=\"{Right + 42}\" y=\"{y + 4}\">{SecurityElement.Escape(policy.Policy)}</text>\n");
    }

    private readonly record struct Axes(int FirstDepth, int LastDepth, double LargestRate)
    {
        // Points keep half a step of air to the frame's sides.
        private const double Air = 24;

        public double X(int depth)
        {
            double share = FirstDepth == LastDepth ? 0.5 : Math.Log((double)depth / FirstDepth) / Math.Log((double)LastDepth / FirstDepth);
            return Left + Air + (share * (Right - Left - (2 * Air)));
        }

        public double Y(double rate) => Bottom - (rate / LargestRate * (Bottom - Top));
    }
}
