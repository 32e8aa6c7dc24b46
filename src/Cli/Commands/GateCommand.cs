using System.CommandLine;
using System.Text.Json;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv gate</c>: whether metrics are good enough to go on with.</summary>
internal static class GateCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        FileArgument<string> metrics = new("metrics") { Description = "The JSON file to judge" };
        FileOption<string> thresholds = new(FileRole.Input, "--thresholds")
        {
            Description = "YAML or JSON: min, max, max-drop, max-rise, max-worse and spread by metric",
            Required = true,
        };
        FileOption<string?> baseline = new(FileRole.Input, "--baseline") { Description = "The JSON file that what is worse is measured from" };
        MetricsFormat format = new(terminal);
        Command command = new("gate", $"Check metrics against thresholds; exit {ExitCode.Gate} if any fails") { metrics, thresholds, baseline };
        format.AddTo(command);
        command.SetAction(arguments =>
        {
            IReadOnlyList<GateCheck> checks = Gate.Check(
                ThresholdFile.Read(arguments.GetRequiredValue(thresholds)),
                MetricsFile.Read(arguments.GetRequiredValue(metrics)),
                arguments.GetValue(baseline) is { } path ? MetricsFile.Read(path) : null,
                new MetricDirections(catalog));
            terminal.Output.Write(format.Render(arguments, () => Table(checks), () => Json(checks)));
            int failed = checks.Count(check => !check.Passed);
            terminal.Note(failed == 0 ? $"passed: all {checks.Count} rules hold" : $"FAILED: {failed} of {checks.Count} rules are broken");
            return failed == 0 ? ExitCode.Done : ExitCode.Gate;
        });
        return command;
    }

    private static TextTable Table(IEnumerable<GateCheck> checks)
    {
        TextTable table = new("metric", "value", "baseline", "rule", "verdict");
        foreach (GateCheck check in checks.OrderBy(check => check.Passed))
        {
            table.Add(check.Metric, check.Value, check.Baseline ?? "-", check.Rule, check.Passed ? "ok" : "FAILED");
        }

        return table;
    }

    private static string Json(IEnumerable<GateCheck> checks) => JsonSerializer.Serialize(
        checks.Select(check => new GateRow(check.Metric, check.Value, check.Baseline, check.Rule, check.Passed)),
        PipelineJson.Lines.IEnumerableGateRow);
}
