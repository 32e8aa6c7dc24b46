namespace AdaptiveKv.Tests;

/// <summary>Finds the repository and the large test material ($AKV_SHARED, else ../shared) that is not part of it.</summary>
internal static class SharedFiles
{
    public static string Repository { get; } = FindRepository();

    public static string Micro => Path.Combine(Repository, "assets", "micro");

    public static string MicroModel => Path.Combine(Micro, "micro-ledger.gguf");

    /// <summary>Path of a shared file; skips the test, with the reason, where it is not on this machine.</summary>
    public static string Require(string relative)
    {
        string root = Environment.GetEnvironmentVariable("AKV_SHARED") is { Length: > 0 } set ? set : Path.Combine(Repository, "..", "shared");
        string path = Path.GetFullPath(Path.Combine(root, relative));
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"needs {relative}: set AKV_SHARED to the folder that holds it");
        return path;
    }

    public static string SmolLm => Require("models/SmolLM2-135M-Instruct.Q4_1.gguf");

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MlPipeline.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("MlPipeline.sln is in no parent of " + AppContext.BaseDirectory);
    }
}
