using System.ComponentModel;
using System.Diagnostics;

namespace AdaptiveKv.Tests;

/// <summary>A library that, loaded into a process before all others, ends it or fills its disk at the k-th write to files of some path.</summary>
internal static class CrashShim
{
    private static readonly Lazy<string?> Library = new(Compile);

    /// <summary>The environment of a process that meets its fate at a write.</summary>
    /// <param name="path">Part of the paths whose writes count.</param>
    /// <param name="mode">kill: before the write; torn: after half of it; enospc: this write and all later ones find the disk full.</param>
    /// <param name="at">The write, from 1; 0 for none.</param>
    /// <param name="count">A file to write the number of writes to.</param>
    public static Dictionary<string, string> Environment(string path, string mode, int at, string count = "") => new()
    {
        ["LD_PRELOAD"] = Library.Value!,
        ["FI_PATH"] = path,
        ["FI_MODE"] = mode,
        ["FI_AT"] = $"{at}",
        ["FI_COUNT"] = count,
    };

    /// <summary>Writes of a run at which it is tried; with AKV_SLOW=1 every one.</summary>
    /// <param name="writes">How many there are.</param>
    /// <param name="step">From one to the next.</param>
    public static IEnumerable<int> Writes(int writes, int step) =>
        Enumerable.Range(1, writes).Where(at => at % step == 0 || System.Environment.GetEnvironmentVariable("AKV_SLOW") == "1");

    /// <summary>Skips the test, with the reason, where the library cannot be had.</summary>
    public static void Require()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux: the shim is loaded by LD_PRELOAD");
        SharedFiles.Require("tools/crash_shim.c");
        Assert.SkipWhen(Library.Value is null, "needs gcc to compile tools/crash_shim.c");
    }

    private static string? Compile()
    {
        string library = Path.Combine(Directory.CreateTempSubdirectory("akv-shim-").FullName, "crash_shim.so");
        try
        {
            using Process compiler = Process.Start("gcc", ["-shared", "-fPIC", "-O1", "-o", library, SharedFiles.Require("tools/crash_shim.c"), "-ldl"]);
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? library : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
