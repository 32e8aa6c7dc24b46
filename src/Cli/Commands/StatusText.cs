using AdaptiveKv.Pipeline.Execution;

namespace AdaptiveKv.Cli.Commands;

/// <summary>What a run would do, a line for each stage.</summary>
internal static class StatusText
{
    /// <summary>Lines end with LF.</summary>
    public static string Of(IReadOnlyList<StageState> states)
    {
        int width = states.Max(state => state.Stage.Name.Length);
        IEnumerable<string> lines = states.Select(state => $"{state.Stage.Name.PadRight(width)}  {Verdict(state)}\n");
        int open = states.Count(state => !state.IsUpToDate), kept = states.Count(state => state.KeptBy is not null);
        string sum = kept > 0 ? $"{open - kept} of {states.Count} stages would run, {kept} would be restored"
            : open > 0 ? $"{open} of {states.Count} stages would run"
            : states.Count == 1 ? "nothing to do: the stage is up to date"
            : $"nothing to do: all {states.Count} stages are up to date";
        return string.Concat(lines) + sum + "\n";
    }

    private static string Verdict(StageState state) =>
        state.IsUpToDate ? "up to date" + (state.OtherKernels is { } made ? $" (made with {made} kernels)" : string.Empty)
        : state.RunningBy is { } holder ? $"is being run by {holder}"
        : state.IsMade ? string.Join("; ", state.Reasons)
        : state.KeptBy is { } run ? $"would be restored from run '{run}': {string.Join("; ", state.Reasons)}"
        : $"would run: {string.Join("; ", state.Reasons)}";
}
