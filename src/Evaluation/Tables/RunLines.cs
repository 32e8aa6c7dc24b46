using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Kernels;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>A run's conditions in words, for the lines above and below a table.</summary>
internal static class RunLines
{
    /// <summary>"model on data: what, two-pass mode, int8 arithmetic, 2 threads".</summary>
    public static string Title(RunRecord run, string what) =>
        $"{run.Model} on {run.Data}: {what}, {EnumName<CacheMode>.Of(run.Mode)} mode, {EnumName<Arithmetic>.Of(run.Arithmetic)} arithmetic{(run.Threads is { } threads ? $", {Count(threads, "thread")}" : "")}";

    public static IEnumerable<string> Provenance(RunRecord run, double? seconds, long? peakRssBytes)
    {
        Machine machine = run.Machine;
        if (seconds is { } time)
        {
            yield return $"took {time:0.0} s{(peakRssBytes is { } bytes ? $", peak RSS {bytes / 1e6:0.0} MB" : "")}";
        }

        yield return $"machine: {machine.Cpu}{(machine.Cores is { } cores ? $", {Count(cores, "core")}" : "")}, {machine.InstructionSets}; {machine.OperatingSystem}; {machine.Runtime}; akv {run.Version}";
        if (run.Code is { } code)
        {
            yield return Code(code);
        }

        yield return $"model sha256 {run.ModelSha256}";
        yield return $"data sha256 {run.DataSha256}";
    }

    private static string Code(CodeRecord code)
    {
        string transform = code.TransformSha256 is { } hash ? $", transform sha256 {hash}" : "";
        string sinks = code.Sinks > 0 ? $", {Count(code.Sinks, "sink")} at 16 bits" : "";
        string recent = code.Recent > 0 ? $", newest {code.Recent} at 16 bits" : "";
        return $"code: {EnumName<CacheCode>.Of(code.Code)}, {code.Range} range, groups of {code.GroupSize}{sinks}{recent}{transform}";
    }

    /// <summary>" after 10 shots"; nothing where items stand alone.</summary>
    public static string After(int shots) => shots > 0 ? $" after {Count(shots, "shot")}" : "";

    public static string Count(long number, string noun, string? nouns = null) => number == 1 ? $"1 {noun}" : $"{number} {nouns ?? $"{noun}s"}";
}
