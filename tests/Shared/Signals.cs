using System.Diagnostics;
using System.Globalization;

namespace AdaptiveKv.Tests;

/// <summary>What a process does with the signals that a test sends.</summary>
internal static class Signals
{
    private static readonly Dictionary<string, int> Numbers = new() { ["HUP"] = 1, ["INT"] = 2, ["TERM"] = 15 };

    /// <summary>Skips the test where the process was started with the signal ignored: under nohup, or in the background of a script. It stays so then, as the user wants.</summary>
    public static void RequireHeard(Process process, string signal)
    {
        string status = $"/proc/{process.Id}/status";
        string? ignored = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) : null;
        ulong mask = ignored is null ? 0 : ulong.Parse(ignored["SigIgn:".Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        Assert.SkipWhen((mask & (1UL << (Numbers[signal] - 1))) != 0, $"these tests were started with SIG{signal} ignored (nohup, or a script's background)");
    }
}
