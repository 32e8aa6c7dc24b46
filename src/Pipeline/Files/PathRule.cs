namespace AdaptiveKv.Pipeline.Files;

/// <summary>How paths compare: two that differ in case only are one file on some systems, so a pipeline may not have both.</summary>
internal static class PathRule
{
    public static StringComparer Comparer => StringComparer.OrdinalIgnoreCase;

    /// <summary>Whether a full path lies below a folder.</summary>
    public static bool IsWithin(string path, string folder) =>
        path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.OrdinalIgnoreCase);
}
