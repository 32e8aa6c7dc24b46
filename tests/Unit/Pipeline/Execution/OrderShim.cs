using System.ComponentModel;
using System.Diagnostics;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Pipeline.Execution;

/// <summary>A library that, loaded into a process before all others, writes down what it does to files, and ends it before a rename.</summary>
internal static class OrderShim
{
    private static readonly Lazy<string?> Library = new(Compile);

    /// <summary>Skips the test, with the reason, where the library cannot be had.</summary>
    public static void Require()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux: the shim is loaded by LD_PRELOAD");
        Assert.SkipWhen(Library.Value is null, "needs gcc to compile order_shim.c");
    }

    /// <summary>All that a run does below the pipeline's folder.</summary>
    public static DiskOperation[] Operations(DemoPipeline demo)
    {
        string log = Path.GetTempFileName();
        using Process child = Child.Start(demo, Environment(demo, 0, log), "run");
        Assert.Equal(0, Child.End(child).Code);
        DiskOperation[] operations = [.. File.ReadAllLines(log).Select(line => line.Split('\t')).Select(parts => new DiskOperation(parts[0], parts[1], parts[2]))];
        File.Delete(log);
        return operations;
    }

    /// <summary>The environment of a process that ends before a rename.</summary>
    /// <param name="demo">Whose files count.</param>
    /// <param name="at">The rename, from 1; 0 for none.</param>
    /// <param name="log">A file to write the operations to; empty for none.</param>
    public static Dictionary<string, string> Environment(DemoPipeline demo, int at, string log) => new()
    {
        ["LD_PRELOAD"] = Library.Value!,
        ["OS_PATH"] = demo.Root,
        ["OS_AT"] = $"{at}",
        ["OS_LOG"] = log,
    };

    private static string? Compile()
    {
        string source = Path.Combine(SharedFiles.Repository, "tests", "Unit", "Pipeline", "Execution", "order_shim.c");
        string library = Path.Combine(Directory.CreateTempSubdirectory("akv-order-").FullName, "order_shim.so");
        try
        {
            using Process compiler = Process.Start("gcc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? library : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
