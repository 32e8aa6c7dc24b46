using System.Diagnostics;
using System.Globalization;

namespace AdaptiveKv.Evaluation.Provenance;

/// <summary>The most physical memory this process has held since its start.</summary>
public static class PeakMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>Peak resident set in bytes.</summary>
    public static long Bytes
    {
        get
        {
            if (OperatingSystem.IsLinux() && ParseStatus(File.ReadLines(Status)) is { } bytes)
            {
                return bytes;
            }

            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>VmHWM ("high water mark") of Linux's process status, which has it in KiB: "VmHWM:	  123456 kB".</summary>
    internal static long? ParseStatus(IEnumerable<string> lines)
    {
        string? line = lines.FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return line is not null && long.TryParse(line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long kibibytes)
            ? kibibytes * 1024
            : null;
    }
}
