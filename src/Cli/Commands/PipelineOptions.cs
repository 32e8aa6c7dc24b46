using System.CommandLine;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Cli.Commands;

/// <summary>The options that name a pipeline and change its values.</summary>
internal sealed class PipelineOptions
{
    private readonly FileOption<string?> pipeline = new(FileRole.Input, "--pipeline")
    {
        Description = "A pipeline file; pipelines/quickstart.yaml by default",
    };

    private readonly Option<string[]> set = new("--set", "-S")
    {
        Description = "A value in place of the file's: train.lr=3e-4, or seed=7 for one under its own params; can be given more than once",
        HelpName = "param=value",
    };

    // As seen from the current folder, which messages then show.
    private static string Quickstart =>
        Path.GetRelativePath(Directory.GetCurrentDirectory(), Path.Combine(Repository.Root, "pipelines", "quickstart.yaml"));

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        AddFileTo(command);
        command.Add(set);
    }

    /// <summary>Adds the one that names a pipeline to a command that has no use for other values.</summary>
    public void AddFileTo(Command command) => command.Add(pipeline);

    /// <summary>The pipeline.</summary>
    public PipelineFile Read(ParseResult arguments, StageCatalog catalog) => Read(arguments, catalog, arguments.GetValue(set) ?? []);

    /// <summary>The pipeline with some values.</summary>
    public PipelineFile Read(ParseResult arguments, StageCatalog catalog, IReadOnlyList<string> values) =>
        PipelineFile.Read(arguments.GetValue(pipeline) ?? Quickstart, catalog, values);
}
