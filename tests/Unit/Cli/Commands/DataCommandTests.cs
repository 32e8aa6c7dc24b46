using System.Text.Json;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Unit.Data;

namespace AdaptiveKv.Unit.Cli.Commands;

public sealed class DataCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly TableFolder folder = new();
    private readonly string path;

    public DataCommandTests()
    {
        TableEngine.Require();
        path = folder.WriteTokens("tokens.parquet", 300);
    }

    public void Dispose()
    {
        terminal.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void HeadShowsTenRowsOrSoManyAsAskedFor()
    {
        Assert.Equal(ExitCode.Done, Run("head", path));
        Assert.Equal(12, terminal.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Empty(terminal.ErrorLines);

        using JsonDocument rows = Json("head", path, "--limit", "3", "--columns", "position,loss");
        Assert.Equal("[{\"position\":0,\"loss\":1.738678216934204},{\"position\":1,\"loss\":9.295340180397034},{\"position\":2,\"loss\":4.300775527954102}]",
            JsonSerializer.Serialize(rows.RootElement));
    }

    [Fact]
    public void TailAndSampleKeepTheOrder()
    {
        using JsonDocument tail = Json("tail", path, "--limit", "2", "--columns", "position");
        using JsonDocument sample = Json("sample", path, "--limit", "40", "--seed", "7", "--columns", "item,position");
        using JsonDocument again = Json("sample", path, "--limit", "40", "--seed", "7", "--columns", "item,position");
        int[] numbers = [.. sample.RootElement.EnumerateArray().Select(row => (row.GetProperty("item").GetInt32() * 100) + row.GetProperty("position").GetInt32())];

        Assert.Equal([98, 99], tail.RootElement.EnumerateArray().Select(row => row.GetProperty("position").GetInt32()));
        Assert.Equal(numbers.Distinct().Order(), numbers);
        Assert.Equal(40, numbers.Length);
        Assert.Equal(sample.RootElement.GetRawText(), again.RootElement.GetRawText());
    }

    [Fact]
    public void SchemaNamesColumnsKeyAndProvenance()
    {
        Assert.Equal(ExitCode.Done, Run("schema", path));
        Assert.Contains("table         tokens, version 1, key (item, position)\n", terminal.Output, StringComparison.Ordinal);
        Assert.Contains("model_sha256  00ff\n", terminal.Output, StringComparison.Ordinal);
        Assert.Contains("\nkl         Float32List         missing  KL increase at 2, 4 and 8 bits\n", terminal.Output, StringComparison.Ordinal);

        using JsonDocument json = Json("schema", path);
        Assert.Equal(300, json.RootElement.GetProperty("rows").GetInt64());
        Assert.Equal("Float32List", json.RootElement.GetProperty("schema").GetProperty("columns")[12].GetProperty("type").GetString());
        Assert.Equal("42", json.RootElement.GetProperty("provenance").GetProperty("seed").GetString());
    }

    [Fact]
    public void DescribeGivesAColumnALine()
    {
        using JsonDocument json = Json("describe", path, "--columns", "loss,note");

        JsonElement loss = json.RootElement[0];
        Assert.Equal(("loss", 300, 0), (loss.GetProperty("column").GetString(), loss.GetProperty("count").GetInt32(), loss.GetProperty("nan").GetInt32()));
        Assert.InRange(loss.GetProperty("median").GetDouble(), 4.5, 5.5);
        Assert.Equal(240, json.RootElement[1].GetProperty("nulls").GetInt32());
    }

    [Fact]
    public void GroupsAreShown()
    {
        Assert.Equal(ExitCode.Done, Run("groupby", path, "item", "--agg", "count,max(position)", "--limit", "2"));

        Assert.Equal(["item  count  max(position)", "--------------------------", "   0    100             99", "   1    100             99"], terminal.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["the first 2 rows; --limit shows more, --json all"], terminal.ErrorLines);
    }

    [Fact]
    public void AQueryRunsOverOneOrMoreFiles()
    {
        string other = folder.WriteTokens("other.parquet", 7);
        using JsonDocument json = Json("sql", path, other, "SELECT count(*) AS n FROM t");

        Assert.Equal(307, json.RootElement[0].GetProperty("n").GetInt32());
    }

    [Fact]
    public void ASoundTablePassesTheCheck()
    {
        Assert.Equal(ExitCode.Done, Run("check", path));
        Assert.Equal($"{path}: sound, 300 rows of 14 columns, table 'tokens' version 1\n", terminal.Output);
    }

    [Fact]
    public void FaultsFailTheCheck()
    {
        folder.Patch("tokens.parquet", "\"optional\":true", "\"optionax\":true");

        Assert.Equal(ExitCode.Failed, Run("check", path));
        Assert.Contains("column 'kl' lacks a value in 225 rows, the first of them 1\n", terminal.Output, StringComparison.Ordinal);
        Assert.EndsWith("2 faults: make the file again\n", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void CsvReadsBack()
    {
        string csv = folder["tokens.csv"];

        Assert.Equal(ExitCode.Done, Run("to-csv", path, "--columns", "item,loss,kl,note"));
        Assert.Equal(ExitCode.Done, Run("to-csv", path, "--columns", "item,loss,kl,note", "-o", csv));

        Assert.Equal(terminal.Output, File.ReadAllText(csv));
        Assert.StartsWith("item,loss,kl,note\n0,1.738678216934204,[],\"line 0\n\"\"two\"\", three\"\n0,9.295340180397034,,\n", terminal.Output, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    [Theory]
    [InlineData("head {0} --columns losss", "no column 'losss': did you mean 'loss'?")]
    [InlineData("groupby {0} corect", "no column 'corect': did you mean 'correct'?")]
    [InlineData("groupby {0} item --agg mean(entropi)", "no column 'entropi': did you mean 'entropy'?")]
    [InlineData("groupby {0} item --agg average(loss)", "aggregate 'average(loss)': expected count, or one of count")]
    [InlineData("describe {0} --columns zzzzzzzz", "no column 'zzzzzzzz': its columns: item, position")]
    [InlineData("sql {0} DROP", "the query is refused (Parser)")]
    [InlineData("sql {0}", "akv data sql: Required argument missing")]
    [InlineData("head {0} --limit 0", "--limit '0': expected a whole number of at least 1")]
    [InlineData("hed {0}", "unknown command 'hed'; did you mean 'head'?")]
    public void AMistakeIsOneLineWithTheRemedy(string arguments, string words) => AssertRefused(ExitCode.Usage, arguments, words);

    [Theory]
    [InlineData("head {0}.absent", ExitCode.MissingInput, "no such file")]
    [InlineData("to-csv {0} -o {0}/x.csv", ExitCode.MissingInput, "does not exist")]
    public void AMissingFileIsNamed(string arguments, int code, string words) => AssertRefused(code, arguments, words);

    [Fact]
    public void ADamagedFileIsBadData()
    {
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);

        AssertRefused(ExitCode.BadData, "describe {0}", "cut off");
    }

    [Fact]
    public void AFileOfANewerFormatIsBadData()
    {
        folder.Patch("tokens.parquet", "\"format\":1", "\"format\":7");

        AssertRefused(ExitCode.BadData, "check {0}", "its metadata has format 7, this program reads 1");
    }

    private void AssertRefused(int code, string arguments, string words)
    {
        Assert.Equal(code, Run([.. arguments.Split(' ').Select(word => word.Replace("{0}", path, StringComparison.Ordinal))]));
        Assert.Contains(words, Assert.Single(terminal.ErrorLines), StringComparison.Ordinal);
        Assert.Empty(terminal.Output);
    }

    private int Run(params string[] arguments) => CommandLine.Run(["data", .. arguments], terminal.Terminal);

    private static JsonDocument Json(params string[] arguments)
    {
        using TestTerminal own = new();
        Assert.Equal(ExitCode.Done, CommandLine.Run(["data", .. arguments, "--json"], own.Terminal));
        return JsonDocument.Parse(own.Output);
    }
}
