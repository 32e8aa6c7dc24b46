namespace AdaptiveKv.Pipeline.Files;

/// <summary>The stages that one entry with <c>foreach:</c> or <c>matrix:</c> stands for: "train" names "train@us" and "train@uk".</summary>
internal static class StageGroup
{
    /// <summary>Whether a name stands for a stage, by itself or as its group.</summary>
    public static bool Holds(string name, string stage) => stage == name || stage.StartsWith($"{name}@", StringComparison.Ordinal);

    /// <summary>The names of stages and of their groups.</summary>
    public static string[] Names(IEnumerable<string> stages) => [.. stages.SelectMany(stage => (string[])[stage, stage.Split('@')[0]]).Distinct()];
}
