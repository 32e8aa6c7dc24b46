using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Unit.Data;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary>The data commands over the folder of a segmented artifact: as over one file of all its rows.</summary>
public sealed class DataFolderTests : IDisposable
{
    private static readonly int[] Lengths = [120, 0, 130, 50];

    private readonly TableFolder folder = new();
    private readonly string whole;
    private readonly string table;
    private readonly string[] segments;

    public DataFolderTests()
    {
        TableEngine.Require();
        whole = folder.WriteTokens("whole.parquet", Lengths.Sum());
        table = folder["tokens"];
        Directory.CreateDirectory(table);
        // Names that no order but the manifest's brings together.
        segments = [.. Lengths.Select((length, i) => folder.WriteTokens($"tokens/{i:D6}-{7 - i}.parquet", length, Lengths.Take(i).Sum()))];
        Publish();
        folder.WriteTokens("tokens/000001-stale.parquet", 7);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("head {0}")]
    [InlineData("head {0} --limit 125 --columns item,position,kl --json")]
    [InlineData("tail {0}")]
    [InlineData("tail {0} --limit 51 --json")]
    [InlineData("tail {0} --limit 181 --columns position,note --json")]
    [InlineData("tail {0} --limit 9999 --json")]
    [InlineData("sample {0} --limit 40 --seed 7 --json")]
    [InlineData("sample {0} --limit 1 --seed 3 --json")]
    [InlineData("sample {0} --limit 300 --json")]
    [InlineData("describe {0} --json")]
    [InlineData("groupby {0} item --agg count,mean(loss),max(position) --json")]
    [InlineData("to-csv {0}")]
    [InlineData("sql {0} SELECT+*+FROM+t --json")]
    [InlineData("sql {0} {0} SELECT+count(*),sum(token)+FROM+t")]
    public void AFolderIsReadAsOneTable(string arguments) => Assert.Equal(Output(arguments, whole), Output(arguments, table));

    [Fact]
    public void TheSchemaNamesTheSegmentsTogether()
    {
        string schema = Output("schema {0}", table);

        Assert.StartsWith($"files         {table}, 4 segments, ", schema, StringComparison.Ordinal);
        Assert.Contains("rows          300 in ", schema, StringComparison.Ordinal);
        Assert.Contains("table         tokens, version 1, key (item, position)\n", schema, StringComparison.Ordinal);
        Assert.Contains("model_sha256  00ff\n", schema, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderIsChecked() => Assert.Equal($"{table}: sound, 300 rows of 14 columns, table 'tokens' version 1\n", Output("check {0}", table));

    [Fact]
    public void ARowInTwoSegmentsIsFound()
    {
        folder.WriteTokens($"tokens/{Path.GetFileName(segments[3])}", 50, first: 200);
        Publish();

        using TestTerminal terminal = new();
        Assert.Equal(ExitCode.Failed, CommandLine.Run(["data", "check", table], terminal.Terminal));
        Assert.StartsWith($"{table}: key (item, position): 50 of its values repeat, the first (item = 2, position = 0) in 2 rows\n", terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ASegmentThatIsGoneIsNamed()
    {
        File.Delete(segments[2]);

        AssertRefused(ExitCode.MissingInput, "describe", $"{segments[2]}: no such file, though its manifest lists it");
    }

    [Theory]
    [InlineData("head")]
    [InlineData("check")]
    public void ASegmentWithAChangedBitIsNamed(string command)
    {
        FlipABit(segments[2]);

        AssertRefused(ExitCode.BadData, command, $"{segments[2]}: not as it was published (SHA-256 ");
    }

    [Fact]
    public void APublishedFileWithAChangedBitFailsItsCheck()
    {
        Assert.Equal(0, Run("check", segments[2]).Code);
        FlipABit(segments[2]);

        Assert.Equal(ExitCode.BadData, Run("check", segments[2]).Code);
    }

    [Fact]
    public void AFolderWithoutAManifestIsRefused()
    {
        File.Delete(Path.Combine(table, Manifest.FileName));

        AssertRefused(ExitCode.MissingInput, "head", $"{table}: a folder without manifest.json: ");
    }

    [Fact]
    public void AFolderWithoutSegmentsIsRefused()
    {
        Publish([]);

        AssertRefused(ExitCode.BadData, "head", "its manifest lists no segment");
    }

    [Fact]
    public void TheFolderOfAStageIsNoTable()
    {
        File.WriteAllText(Path.Combine(table, "summary.json"), "{}");
        Publish([.. segments, Path.Combine(table, "summary.json")]);

        AssertRefused(ExitCode.Usage, "head", "the folder of a stage, not of one table (its manifest lists summary.json): name a table in it");
    }

    [Theory]
    [InlineData("token", ColumnType.Float64, "column 1 is 'token' (DOUBLE) instead of 'item' (INTEGER) of ")]
    [InlineData("item", ColumnType.Int32, "1 columns instead of the 14 of ")]
    public void SegmentsOfOtherColumnsAreRefused(string column, ColumnType type, string words)
    {
        using (TableWriter writer = new(segments[3], new TableSchema("other", 1, [new(column, type)])))
        {
            writer.Complete();
        }

        Publish();

        AssertRefused(ExitCode.BadData, "head", $"{segments[3]}: {words}{segments[0]}");
        Assert.Equal(ExitCode.BadData, Run("sql", table, "SELECT 1").Code);
    }

    [Fact]
    public void SegmentsOfAnotherVersionAreRefused()
    {
        using (TableWriter writer = new(segments[3], new TableSchema("tokens", 2, TokenTable.Schema.Columns)))
        {
            writer.Complete();
        }

        Publish();

        AssertRefused(ExitCode.BadData, "head", $"{segments[3]}: the table it declares itself to be is not that of {segments[0]}");
    }

    private static void FlipABit(string path)
    {
        byte[] content = File.ReadAllBytes(path);
        content[content.Length / 2] ^= 1;
        File.WriteAllBytes(path, content);
    }

    private void Publish() => Publish(segments);

    private void Publish(string[] paths) => File.WriteAllBytes(
        Path.Combine(table, Manifest.FileName), Manifest.Empty.With([.. paths.Select(path => ManifestEntry.Of(path, Path.GetFileName(path), null))]).ToBytes());

    private void AssertRefused(int code, string command, string words)
    {
        (int actual, string output, string[] error) = Run(command, table);
        Assert.Equal(code, actual);
        Assert.Contains(words, Assert.Single(error), StringComparison.Ordinal);
        Assert.Empty(output);
    }

    private static string Output(string arguments, string path)
    {
        (int code, string output, string[] error) = Run([.. arguments.Split(' ').Select(word => word.Replace("{0}", path, StringComparison.Ordinal).Replace('+', ' '))]);
        Assert.True(code == ExitCode.Done, string.Join('\n', error));
        return output;
    }

    private static (int Code, string Output, string[] Error) Run(params string[] arguments)
    {
        using TestTerminal terminal = new();
        int code = CommandLine.Run(["data", .. arguments], terminal.Terminal);
        return (code, terminal.Output, terminal.ErrorLines);
    }
}
