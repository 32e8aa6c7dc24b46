using System.Globalization;

namespace AdaptiveKv.Inference.Threads;

/// <summary>The processors that this process may use: by its affinity, its container's quota, and DOTNET_PROCESSOR_COUNT, whichever allows the fewest.</summary>
public static class Processors
{
    private const string Status = "/proc/self/status";
    private const string AllowedList = "Cpus_allowed_list:";

    private static readonly int[] Allowed = OperatingSystem.IsLinux() && File.Exists(Status) ? AllowedIn(File.ReadLines(Status)) : [];

    /// <summary>Logical processors. Never more than there are, even where DOTNET_PROCESSOR_COUNT claims more: a thread that waits must know whether another needs its processor.</summary>
    public static int Logical { get; } = Allowed.Length == 0 ? Environment.ProcessorCount : Math.Min(Allowed.Length, Environment.ProcessorCount);

    /// <summary>Physical processors; the logical ones where the system does not say which of them share one (Linux says).</summary>
    public static int Physical { get; } = Allowed.Length == 0 ? Logical : Math.Min(CoresOf(Allowed, SiblingsOf), Logical);

    /// <summary>The processors in the status of a Linux process ("Cpus_allowed_list: 0-3,8"); none where it does not say.</summary>
    internal static int[] AllowedIn(IEnumerable<string> status)
    {
        string list = status.FirstOrDefault(line => line.StartsWith(AllowedList, StringComparison.Ordinal))?[AllowedList.Length..] ?? string.Empty;
        List<int> processors = [];
        foreach (string range in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = range.Split('-');
            if (!int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last))
            {
                return [];
            }

            processors.AddRange(Enumerable.Range(first, Math.Max(last - first + 1, 0)));
        }

        return [.. processors];
    }

    /// <summary>How many physical processors some logical ones are.</summary>
    /// <param name="logical">Their numbers.</param>
    /// <param name="siblings">Names those that share a physical processor with one; null where that is not known, which counts as its own.</param>
    internal static int CoresOf(IEnumerable<int> logical, Func<int, string?> siblings) =>
        logical.Select(processor => siblings(processor) ?? processor.ToString(CultureInfo.InvariantCulture)).Distinct(StringComparer.Ordinal).Count();

    private static string? SiblingsOf(int processor)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list");
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }
}
