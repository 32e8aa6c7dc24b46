namespace AdaptiveKv.Pipeline.Files;

/// <summary>The option of a command line that stands for a dep, an out or a param.</summary>
public static class OptionName
{
    /// <summary>"--items-per-segment" of "items_per_segment".</summary>
    public static string Of(string name) => $"--{name.Replace('_', '-')}";
}
