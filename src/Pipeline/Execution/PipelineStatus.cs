using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Pipeline.Runs;

namespace AdaptiveKv.Pipeline.Execution;

/// <summary>What a run would do.</summary>
public static class PipelineStatus
{
    /// <summary>Looks at stages in the order in which they would run. Writes nothing but remembered hashes.</summary>
    /// <param name="file">The pipeline.</param>
    /// <param name="selection">Its stages.</param>
    /// <param name="time">The clock that files' ages are taken by.</param>
    /// <param name="force">Whether stages are to run that are up to date.</param>
    /// <param name="verify">Whether to read every file instead of trusting its size, time and inode.</param>
    /// <param name="note">Hears that the remembered hashes are damaged.</param>
    /// <exception cref="ConfigurationException">The pipeline has no stage of a name.</exception>
    /// <exception cref="InvalidDataException">The lock file is malformed.</exception>
    public static IReadOnlyList<StageState> Of(
        PipelineFile file, StageSelection selection, TimeProvider time, bool force = false, bool verify = false, Action<string>? note = null)
    {
        FileHashes hashes = new(file.Artifacts, time, trust: !verify, note);
        StageExamination examination = new(file, hashes);
        RunStore store = new(file, hashes);
        KeptRun[] runs = [.. store.Readable(_ => { })];
        HashSet<string> pending = [];
        List<StageState> states = [];
        foreach (PipelineStage stage in selection.Of(file))
        {
            StageState state = examination.Examine(stage, pending, force);
            state = force ? state : examination.WithKept(state, runs, store);
            states.Add(StageExamination.WithTraces(state));
            if (!state.IsUpToDate && !state.IsMade && state.KeptBy is null)
            {
                pending.Add(stage.Name);
            }
        }

        hashes.Save();
        return states;
    }
}
