using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Shards;

/// <summary>Plans the shards of a stage of a pipeline.</summary>
public static class ShardPlanning
{
    /// <summary>The plan of a stage with the inputs that it has now; the one that is there, if there is one.</summary>
    /// <param name="file">The pipeline.</param>
    /// <param name="name">The stage.</param>
    /// <param name="shards">How many are wanted.</param>
    /// <param name="reporter">Hears how it goes.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ConfigurationException">The pipeline has no such stage.</exception>
    /// <exception cref="ArgumentException">The stage does not work item by item.</exception>
    /// <exception cref="FileNotFoundException">What it reads is not there.</exception>
    /// <exception cref="InvalidDataException">What it reads, or the plan, is damaged.</exception>
    public static ShardPlan Make(PipelineFile file, string name, int shards, IStageReporter reporter, TimeProvider time)
    {
        PipelineStage stage = new StageSelection { From = name, To = name }.Of(file) is [{ } one] ? one : throw new ArgumentException($"{name}: several stages: plan one after the other");
        if (stage.Kind.Items is null)
        {
            throw new ArgumentException($"{file.Path}: stage '{name}' uses {stage.Kind.Name}, which does not work item by item: it has no shards; run it with 'akv run {name}'");
        }

        if (stage.MissingDeps().Select(stage.Fault).FirstOrDefault() is { } missing)
        {
            throw new FileNotFoundException(missing.ToString());
        }

        LockedStage inputs = new StageHashes(new FileHashes(file.Artifacts, time, note: reporter.Note), file.Stages).InputsOf(stage)
            ?? throw new FileNotFoundException($"{file.Path}: stage '{name}' reads what is not made yet, or damaged: run the stages before it first: akv run {string.Join(' ', stage.Producers)}");
        string path = ShardPlan.PathOf(stage, inputs);
        ShardPlan plan = File.Exists(path)
            ? ShardPlan.Read(path)
            : ShardPlan.Write(stage, inputs, file.Root, new StageWork(stage, reporter, time, threads: null, CancellationToken.None).Items(), shards, time);
        if (plan.Shards != shards)
        {
            reporter.Note($"{name}: {plan.Shards} shards, not {shards}: {(plan.Shards == plan.Segments ? $"its {plan.Items} items are {plan.Segments} segments (param 'segment')" : "a plan of these inputs is there already, and stays")}");
        }

        return plan;
    }
}
