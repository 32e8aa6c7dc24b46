using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>A user for whom nothing was fetched yet.</summary>
public sealed class FreshMachineTests : IDisposable
{
    private readonly PipelineFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void StagesFetchWhatTablesNeedBeforeTheyStart()
    {
        Outcome[] runs =
        [
            Fresh(["run", "collect", .. folder.Small()]),
            Fresh(
                "collect", "--model", SharedFiles.MicroModel, "--data", Path.Combine(SharedFiles.Micro, "items_validation.jsonl"),
                "--tokens", folder["tokens"], "--items", folder["items"], "--rarity", folder["rarity.safetensors"], "--summary", folder["summary.json"]),
        ];
        Assert.All(runs, run =>
        {
            Assert.Equal((66, ""), (run.Code, run.Output));
            string[] lines = run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.StartsWith("Tables need DuckDB", lines[^2], StringComparison.Ordinal);
            Assert.StartsWith("error: http://127.0.0.1:9/", lines[^1], StringComparison.Ordinal);
            Assert.Contains("AKV_DUCKDB", lines[^1], StringComparison.Ordinal);
        });
    }

    [Fact]
    public void StagesWithoutTablesNeedNothing()
    {
        Outcome run = Fresh(["run", "calibrate", .. folder.Small()]);
        Assert.True(run.Code == 0, run.Error);
        Assert.DoesNotContain("DuckDB", run.Error, StringComparison.Ordinal);
    }

    // Nothing listens at port 9.
    private Outcome Fresh(params string[] arguments) => Akv.RunWith(
        new Dictionary<string, string> { ["XDG_CACHE_HOME"] = folder["cache"], ["LOCALAPPDATA"] = folder["cache"], ["AKV_DUCKDB"] = "", ["NPM_CONFIG_REGISTRY"] = "http://127.0.0.1:9" }, arguments);
}
