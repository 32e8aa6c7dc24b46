using System.CommandLine;
using System.Globalization;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Pipeline.Metrics;

namespace AdaptiveKv.Cli.Commands;

/// <summary>How tables are printed: aligned text, Markdown for a pull request, or JSON.</summary>
/// <param name="terminal">Whose width text keeps to.</param>
internal sealed class MetricsFormat(Terminal terminal)
{
    private readonly Option<bool> markdown = new("--markdown", "--md") { Description = "Print a Markdown table" };
    private readonly Option<bool> json = new("--json") { Description = "Print JSON" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(markdown);
        command.Add(json);
    }

    /// <summary>Whether a program reads the answer.</summary>
    public bool IsJson(ParseResult arguments) => arguments.GetValue(json);

    /// <summary>The answer in the format that was asked for.</summary>
    /// <param name="arguments">Of the command.</param>
    /// <param name="table">The answer as rows.</param>
    /// <param name="document">The same in JSON.</param>
    /// <param name="text">What people see in place of the table where its cells are too long for a line; null for the table.</param>
    /// <exception cref="ArgumentException">Two formats were asked for.</exception>
    public string Render(ParseResult arguments, Func<TextTable> table, Func<string> document, Func<string>? text = null) =>
        (arguments.GetValue(markdown), arguments.GetValue(json)) switch
        {
            (true, true) => throw new ArgumentException("--markdown and --json: give one of them"),
            (true, _) => table().ToMarkdown(),
            (_, true) => document() + "\n",
            _ => text?.Invoke() ?? table().ToText(terminal.OutputScreen?.Profile.Width),
        };

    /// <summary>A metric with its unit: "learned-3.kl (nats)".</summary>
    public static string Named(string path, MetricDirections directions) => directions.UnitOf(path) is { } unit ? $"{path} ({unit})" : path;

    /// <summary>A value with six significant digits, so that columns can be compared by eye.</summary>
    public static string Value(Metric? metric) => metric is null ? "-" : metric.Number is { } number ? Number(number) : metric.Text;

    /// <summary>The same of a number.</summary>
    public static string Number(double value) =>
        value.ToString(value == Math.Floor(value) && Math.Abs(value) < 1e15 ? "0" : "G6", CultureInfo.InvariantCulture);
}
