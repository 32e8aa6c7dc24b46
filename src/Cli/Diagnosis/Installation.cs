using System.Runtime.InteropServices;
using AdaptiveKv.Data.Sql;
using AdaptiveKv.Torch;

namespace AdaptiveKv.Cli.Diagnosis;

/// <summary>What this program was built with and which files it can find.</summary>
internal static class Installation
{
    private static readonly string[] EmbeddedFiles =
        ["micro-ledger.gguf", "items_train.jsonl", "items_validation.jsonl", Path.Combine("hf", "model.safetensors")];

    /// <summary>Looks at the installation.</summary>
    /// <param name="root">The repository.</param>
    public static IEnumerable<Finding> Examine(string root)
    {
        yield return new(Environment.Version.Major >= 10 ? Severity.Good : Severity.Fault, "runtime",
            $"{RuntimeInformation.FrameworkDescription} (needs 10)");
        yield return Sdk();
        yield return TableEngine();
        yield return Trainer();
        yield return EmbeddedModel(Path.Combine(root, "assets", "micro"));
        string? shared = Environment.GetEnvironmentVariable("AKV_SHARED");
        yield return SharedFiles(string.IsNullOrEmpty(shared) ? Path.Combine(root, "..", "shared") : shared);
        yield return new(Severity.Good, "disk", $"{Amount.Text(new DriveInfo(root).AvailableFreeSpace, Amount.Bytes)} free");
    }

    private static Finding Sdk()
    {
        string sdks = Path.Combine(Repository.Dotnet, "sdk");
        string[] versions = Directory.Exists(sdks)
            ? [.. Directory.GetDirectories(sdks).Select(path => Path.GetFileName(path)!).Where(name => char.IsDigit(name[0])).Order()]
            : [];
        return versions.Any(version => version.StartsWith("10.", StringComparison.Ordinal))
            ? new(Severity.Good, "SDK", string.Join(", ", versions))
            : new(Severity.Limited, "SDK", $"no .NET 10 SDK in {sdks}: akv runs, but cannot be rebuilt with this dotnet");
    }

    private static Finding TableEngine()
    {
        try
        {
            return DuckDbLibrary.Location is { } path
                ? new(File.Exists(path) ? Severity.Good : Severity.Fault, "tables", $"DuckDB {DuckDbPackage.Version}: {path}{(File.Exists(path) ? "" : $" is missing: unset {DuckDbLibrary.Variable}")}")
                : new(Severity.Limited, "tables", $"DuckDB {DuckDbPackage.Version} is not installed yet, or damaged: './akv setup' fetches it, as does the first 'akv data sql', 'groupby' or 'describe'");
        }
        catch (FormatException exception)
        {
            return new(Severity.Fault, "tables", exception.Message);
        }
    }

    private static Finding Trainer() => TorchRuntime.Missing is { } missing
        ? new(Severity.Limited, "training", missing)
        : new(Severity.Good, "training", $"libtorch {TorchRuntime.LibTorchVersion} ({TorchRuntime.Kernels} kernels): {TorchRuntime.Location}");

    private static Finding EmbeddedModel(string folder)
    {
        string[] missing = [.. EmbeddedFiles.Where(name => !File.Exists(Path.Combine(folder, name)))];
        return missing.Length == 0
            ? new(Severity.Good, "micro model", folder)
            : new(Severity.Fault, "micro model", $"{folder} lacks {string.Join(", ", missing)}: restore it with 'git checkout assets/micro'");
    }

    private static Finding SharedFiles(string folder) => Directory.Exists(folder)
        ? new(Severity.Good, "test data", Path.GetFullPath(folder))
        : new(Severity.Limited, "test data", "AKV_SHARED names no folder: tests against the real model are skipped");
}
