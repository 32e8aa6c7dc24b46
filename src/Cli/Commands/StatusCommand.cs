using System.CommandLine;
using System.Text.Json;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv status</c>: which stages of a pipeline would run, and why.</summary>
internal static class StatusCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        PipelineOptions pipeline = new();
        StageOptions stages = new();
        Option<bool> verify = new("--verify") { Description = "Read every file instead of trusting its size and time" };
        Option<bool> json = new("--json") { Description = "Print JSON" };
        Command command = new("status", "Show which stages of a pipeline would run, and why") { verify, json };
        stages.AddTo(command);
        pipeline.AddTo(command);
        command.SetAction(arguments =>
        {
            IReadOnlyList<StageState> states = PipelineStatus.Of(
                pipeline.Read(arguments, catalog), stages.Read(arguments), terminal.Time, verify: arguments.GetValue(verify), note: terminal.Note);
            terminal.Output.Write(arguments.GetValue(json) ? Json(states) : StatusText.Of(states));
            return ExitCode.Done;
        });
        return command;
    }

    private static string Json(IReadOnlyList<StageState> states) => JsonSerializer.Serialize(
        states.Select(state => new StageRow(
            state.Stage.Name,
            state.IsUpToDate ? "up_to_date" : state.RunningBy is not null ? "running" : state.IsMade ? "made" : state.KeptBy is not null ? "would_be_restored" : "would_run",
            state.Reasons)),
        PipelineJson.Lines.IEnumerableStageRow) + "\n";
}
