namespace AdaptiveKv.Pipeline.Stages;

/// <summary>A stage before it runs: its values, and what is known of the files that it will read.</summary>
/// <param name="values">Each right by itself.</param>
/// <param name="given">The deps that are given.</param>
/// <param name="makers">By dep, the values of the stage of the same document that makes it.</param>
/// <param name="files">By dep, the path of what is there already; empty where no file is to be read yet.</param>
public sealed class StageProposal(
    ParamValues values, IReadOnlySet<string> given, IReadOnlyDictionary<string, ParamValues> makers, IReadOnlyDictionary<string, string> files)
{
    /// <summary>The stage's values.</summary>
    public ParamValues Params => values;

    /// <summary>Whether an optional dep is given.</summary>
    public bool Has(string dep) => given.Contains(dep);

    /// <summary>The values of the stage that makes a dep; null where they are not known.</summary>
    public ParamValues? Maker(string dep) => makers.GetValueOrDefault(dep);

    /// <summary>The path of a dep that can be read; null where it is not there yet, or reading is not wanted.</summary>
    public string? File(string dep) => files.GetValueOrDefault(dep);
}
