using AdaptiveKv.Evaluation.Report;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Evaluation.Stages;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Files;

namespace AdaptiveKv.Cli.Commands;

/// <summary>What people want to see when a run ends: the table of its evaluations, and where its reports are.</summary>
internal static class PipelineResults
{
    /// <summary>Prints the results of the stages that ran or were restored.</summary>
    public static void Print(PipelineFile file, RunSummary summary, Terminal terminal)
    {
        foreach (PipelineStage stage in file.Stages.Where(stage => summary.Ran.Concat(summary.Restored).Contains(stage.Name)))
        {
            if (stage.Kind.Name == EvaluateStage.Kind.Name)
            {
                terminal.Output.WriteLine(EvaluationTable.Brief(EvaluationFile.Read(PathOf(stage, "evaluation")), terminal.OutputScreen?.Profile.Width));
            }
            else if (stage.Kind.Name == ReportStage.Kind.Name)
            {
                terminal.Output.WriteLine($"report: {Path.GetRelativePath(Directory.GetCurrentDirectory(), PathOf(stage, "html"))}");
            }
        }
    }

    private static string PathOf(PipelineStage stage, string name) => stage.Outs.First(made => made.Name == name).FullPath;
}
