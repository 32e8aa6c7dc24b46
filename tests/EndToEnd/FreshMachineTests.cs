namespace AdaptiveKv.EndToEnd;

/// <summary>A user for whom nothing was fetched yet, and who cannot fetch DuckDB either.</summary>
public sealed class FreshMachineTests : IDisposable
{
    private readonly PipelineFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ThePipelineAndALookAtItsTablesNeedNoDuckDb()
    {
        Outcome run = Fresh(["run", .. folder.Small()]);
        Assert.True(run.Code == 0, run.Error);
        Assert.DoesNotContain("DuckDB", run.Error, StringComparison.Ordinal);

        string tokens = folder["collect/tokens"];
        Assert.All((string[][])[["head", tokens], ["tail", tokens], ["sample", tokens], ["schema", tokens], ["check", tokens], ["to-csv", folder["dataset/dataset.parquet"]]], arguments =>
        {
            Outcome look = Fresh(["data", .. arguments]);
            Assert.Equal((0, ""), (look.Code, look.Error));
            Assert.NotEmpty(look.Output);
        });
        Assert.Empty(Directory.Exists(folder["cache"]) ? Directory.GetFileSystemEntries(folder["cache"], "*duckdb*", SearchOption.AllDirectories) : []);
    }

    [Theory]
    [InlineData("sql", "SELECT 1")]
    [InlineData("groupby", "item")]
    [InlineData("describe")]
    public void SqlOverTablesFetchesDuckDbWhenThereIsSomethingToQuery(string command, params string[] more)
    {
        Outcome absent = Fresh(["data", command, folder["absent.parquet"], .. more]);
        Assert.Equal((66, ""), (absent.Code, absent.Output));
        Assert.Equal($"error: {folder["absent.parquet"]}: no such file", absent.Error.TrimEnd());

        Assert.Equal(0, Fresh(["run", "collect", .. folder.Small("-S", "collect.limit=2", "-S", "collect.samples=1")]).Code);
        Outcome there = Fresh(["data", command, folder["collect/items"], .. more]);
        Assert.Equal((66, ""), (there.Code, there.Output));
        string[] lines = there.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("SQL over tables needs DuckDB", lines[^2], StringComparison.Ordinal);
        Assert.StartsWith("error: http://127.0.0.1:9/", lines[^1], StringComparison.Ordinal);
        Assert.Contains("AKV_DUCKDB", lines[^1], StringComparison.Ordinal);
    }

    // Nothing listens at port 9.
    private Outcome Fresh(params string[] arguments) => Akv.RunWith(
        new Dictionary<string, string> { ["XDG_CACHE_HOME"] = folder["cache"], ["LOCALAPPDATA"] = folder["cache"], ["AKV_DUCKDB"] = "", ["NPM_CONFIG_REGISTRY"] = "http://127.0.0.1:9" }, arguments);
}
