using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Pipeline.Runs;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Pipeline.Execution;

/// <summary>Compares stages with the record of their last runs.</summary>
internal sealed class StageExamination(PipelineFile file, FileHashes hashes)
{
    private const int ShownHash = 8;

    private readonly StageHashes artifacts = new(hashes, file.Stages);

    /// <summary>Looks at one stage.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="pending">Stages that would run before it.</param>
    /// <param name="force">Whether it is to run anyhow.</param>
    public StageState Examine(PipelineStage stage, IReadOnlySet<string> pending, bool force)
    {
        LockedStage? locked = RecordOf(stage);
        LockedStage? current = stage.Producers.Any(pending.Contains) ? null : artifacts.InputsOf(stage);
        List<string> reasons = force ? ["it is forced"] : [];
        if (locked is null)
        {
            reasons.Add("it has not run yet");
            reasons.AddRange(stage.MissingDeps().Select(dep => $"dep {dep.Name} is missing: {dep.Path}"));
        }
        else
        {
            reasons.AddRange(ProgramReasons(stage, locked));
            reasons.AddRange(ParamReasons(stage, locked));
            reasons.AddRange(DepReasons(stage, locked, pending));
            reasons.AddRange(OutReasons(stage, locked));
        }

        if (reasons.Count == 0)
        {
            return new StageState(stage, []) { Current = current is null ? null : current with { Kernels = locked!.Kernels } };
        }

        return !force && current is not null && artifacts.Made(stage, current) is { } made && !IsDoubtful(stage, locked, made)
            ? new StageState(stage, ["its outs are made already; only the record of it is missing"]) { Current = made, IsMade = true }
            : new StageState(stage, reasons) { Current = current };
    }

    /// <summary>Finds who kept what a stage would make. Later stages are then examined as if it was restored.</summary>
    public StageState WithKept(StageState state, IReadOnlyList<KeptRun> runs, RunStore store)
    {
        if (state.IsUpToDate || state.IsMade || state.Current is not { } inputs)
        {
            return state;
        }

        foreach ((KeptRun run, KeptStage kept) in RunStore.Made(runs, state.Stage, inputs).Where(made => store.Has(made.Stage)))
        {
            state.Stage.Outs.ToList().ForEach(made => artifacts.Expect(made.FullPath, kept.Made.Outs[made.Name].Sha256));
            return state with { KeptBy = run.Name };
        }

        return state;
    }

    /// <summary>Adds what processes left in the stage's folder: one that runs it now, or one that was stopped.</summary>
    public static StageState WithTraces(StageState state)
    {
        if (state.IsUpToDate)
        {
            return state;
        }

        string folder = state.Stage.Folder;
        string? holder = FileLock.HolderOf(folder);
        if (holder is not null && FileLock.IsHeld(folder))
        {
            return state with { RunningBy = holder };
        }

        List<string> reasons = [.. state.Reasons];
        if (holder is not null)
        {
            reasons.Add($"its last run was killed ({holder})");
        }

        int committed = state.Current is { } current
            ? state.Stage.Outs.Where(made => made.Segmented).Sum(made => SegmentLog.CommittedIn(made.FullPath, current.Inputs))
            : 0;
        if (committed > 0 && !state.IsMade)
        {
            reasons.Add($"{committed} {(committed == 1 ? "segment is" : "segments are")} done already and will be kept");
        }

        if (state.Current is { } inputs && !state.IsMade && UnfinishedElsewhere(state.Stage, inputs) is { } elsewhere)
        {
            reasons.Add(elsewhere);
        }

        return state with { Reasons = reasons };
    }

    /// <summary>What is wrong with going on after an unfinished run: its segments are of other kernels. Null if none are.</summary>
    public static string? UnfinishedElsewhere(PipelineStage stage, LockedStage inputs) => (
        from other in inputs.OnAnyPath().Skip(1)
        from made in stage.Outs
        where made.Segmented && SegmentLog.CommittedIn(made.FullPath, other.Inputs) > 0
        select $"{made.Path} has segments of an unfinished run with {other.Kernels ?? "unknown"} kernels, this one has {inputs.Kernels}, and their bytes differ: "
            + $"go on with --kernels {other.Kernels ?? "of the machine it began on"}, or start over with --force").FirstOrDefault();

    /// <summary>What the lock file has of a stage; null if nothing.</summary>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    public LockedStage? RecordOf(PipelineStage stage) => LockFile.Read(file.LockPath).Stages.GetValueOrDefault(stage.Name);

    /// <summary>As <see cref="StageHashes.Of"/>.</summary>
    public string? HashOf(string path, bool fresh = false) => artifacts.Of(path, fresh);

    // Equal inputs give equal outs: a record and a list that say otherwise cannot both be right.
    private bool IsDoubtful(PipelineStage stage, LockedStage? locked, LockedStage current) =>
        locked?.Inputs == current.Inputs && stage.Outs.Any(made => locked.Outs.TryGetValue(made.Name, out LockedFile? old) && HashOf(made.FullPath) != old.Sha256);

    private static IEnumerable<string> ProgramReasons(PipelineStage stage, LockedStage locked)
    {
        if (locked.Uses != stage.Kind.Name)
        {
            yield return $"it uses {stage.Kind.Name} instead of {locked.Uses}";
        }
        else if (locked.Code != stage.Kind.CodeVersion)
        {
            yield return $"its program changed: version {locked.Code} -> {stage.Kind.CodeVersion}";
        }
    }

    private static IEnumerable<string> ParamReasons(PipelineStage stage, LockedStage locked)
    {
        foreach ((string name, JsonElement value) in stage.Params.All)
        {
            bool isKnown = locked.Params.TryGetValue(name, out JsonElement old);
            // A param that did not exist then had its default's effect: a kind whose work has changed has another code version.
            if (!isKnown && !stage.IsAtDefault(name))
            {
                yield return $"param {name} is new: {ParamValues.Text(value)}";
            }
            else if (isKnown && !JsonElement.DeepEquals(old, value))
            {
                yield return $"param {name} changed {ParamValues.Text(old)} -> {ParamValues.Text(value)}";
            }
        }

        foreach (string gone in locked.Params.Keys.Except(stage.Params.All.Keys))
        {
            yield return $"param {gone} is gone";
        }
    }

    private IEnumerable<string> DepReasons(PipelineStage stage, LockedStage locked, IReadOnlySet<string> pending)
    {
        foreach (StageDep dep in stage.Deps)
        {
            LockedFile? old = locked.Deps.GetValueOrDefault(dep.Name);
            if (dep.Producer is { } producer && pending.Contains(producer))
            {
                yield return $"dep {dep.Name} is made by {producer}, which would run";
            }
            else if (HashOf(dep.FullPath) is not { } hash)
            {
                yield return $"dep {dep.Name} is missing: {dep.Path}";
            }
            else if (old is null)
            {
                yield return $"dep {dep.Name} is new: {dep.Path}";
            }
            else if (old.Sha256 != hash)
            {
                (string before, string now) = old.Path == dep.Path ? (old.Sha256[..ShownHash], hash[..ShownHash]) : (old.Path, dep.Path);
                yield return $"dep {dep.Name} changed {before} -> {now}";
            }
        }

        foreach (string gone in locked.Deps.Keys.Except(stage.Deps.Select(dep => dep.Name)))
        {
            yield return $"dep {gone} is gone";
        }
    }

    private IEnumerable<string> OutReasons(PipelineStage stage, LockedStage locked)
    {
        string path = Path.Combine(stage.Folder, Manifest.FileName);
        string shown = Path.GetRelativePath(file.Root, path).Replace('\\', '/');
        Manifest? list = Manifest.TryRead(path);
        if (list is null)
        {
            yield return $"{shown} is {(Path.Exists(path) ? "damaged" : "missing")}";
        }

        foreach (StageOut made in stage.Outs)
        {
            LockedFile? old = locked.Outs.GetValueOrDefault(made.Name);
            if (!Path.Exists(made.FullPath))
            {
                yield return $"out {made.Name} is missing: {made.Path}";
            }
            else if (old is null || old.Path != made.Path)
            {
                yield return $"out {made.Name} has a new path: {made.Path}";
            }
            else if (HashOf(made.FullPath) != old.Sha256)
            {
                yield return $"out {made.Name} is not as the stage made it: {made.Path}{(artifacts.IsSegmented(made.FullPath) ? $"/{artifacts.Damaged(made.FullPath, old.Sha256)}" : string.Empty)}";
            }
            else if (list is not null && !list.Lists(ArtifactName.Of(made), old.Sha256, locked.Inputs))
            {
                yield return $"{shown} is of another run than {Path.GetFileName(file.LockPath)}: it does not list out {made.Name} as that one has it";
            }
        }
    }
}
