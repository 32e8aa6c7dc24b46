namespace AdaptiveKv.Cli;

/// <summary>How far one part of a longer work is.</summary>
/// <param name="Title">Names the part.</param>
/// <param name="Done">Amount done.</param>
/// <param name="Total">Amount of the whole part.</param>
internal readonly record struct PartProgress(string Title, long Done, long Total);
