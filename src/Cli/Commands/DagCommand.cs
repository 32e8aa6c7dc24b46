using System.CommandLine;
using System.Text;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary><c>akv dag</c>: the stages of a pipeline and the files that they meet in.</summary>
internal static class DagCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal, StageCatalog catalog)
    {
        PipelineOptions pipeline = new();
        Option<bool> mermaid = new("--mermaid") { Description = "Print a Mermaid flow chart" };
        Command command = new("dag", "Show the stages of a pipeline and what each one reads") { mermaid };
        pipeline.AddTo(command);
        command.SetAction(arguments =>
        {
            PipelineFile file = pipeline.Read(arguments, catalog);
            terminal.Output.Write(arguments.GetValue(mermaid) ? Mermaid(file) : Text(file));
            return ExitCode.Done;
        });
        return command;
    }

    private static string Text(PipelineFile file)
    {
        int width = file.Stages.Max(stage => stage.Name.Length);
        IEnumerable<string> lines = file.Stages.Select(stage => stage.Deps.Count == 0
            ? $"{stage.Name}\n"
            : $"{stage.Name.PadRight(width)} <- {string.Join(", ", stage.Deps.Select(Source))}\n");
        return string.Concat(lines);
    }

    private static string Source(StageDep dep) => dep.Producer is { } producer ? $"{producer} ({dep.Name})" : dep.Path;

    private static string Mermaid(PipelineFile file)
    {
        StringBuilder text = new("flowchart TD\n");
        string[] outside = [.. file.Stages.SelectMany(stage => stage.Deps).Where(dep => dep.Producer is null).Select(dep => dep.Path).Distinct()];
        foreach ((int index, string path) in outside.Index())
        {
            text.Append($"  file{index}[(\"{path.Replace("\"", "#quot;", StringComparison.Ordinal)}\")]\n");
        }

        foreach (PipelineStage stage in file.Stages)
        {
            text.Append($"  {Node(stage.Name)}[\"{stage.Name}\"]\n");
            foreach (StageDep dep in stage.Deps)
            {
                string source = dep.Producer is { } producer ? Node(producer) : $"file{Array.IndexOf(outside, dep.Path)}";
                text.Append($"  {source} -->|{dep.Name}| {Node(stage.Name)}\n");
            }
        }

        return text.ToString();
    }

    // Mermaid reads '@' in a name as the start of a node's properties.
    private static string Node(string stage) => $"stage-{stage.Replace('@', '/')}";
}
