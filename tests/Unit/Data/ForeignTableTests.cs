using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;
using AdaptiveKv.Data.Sql;

namespace AdaptiveKv.Unit.Data;

/// <summary>Files of other programs, and file names that mean something to other programs.</summary>
public sealed class ForeignTableTests : IDisposable
{
    // Two rows of hyparquet-writer; the footer says LZO.
    private const string Lzo =
        "UEFSMRUGFRQVGFwVBBUAFQQVABUEFQAAAAMDCBwGAAAABwAAABUGFTIVNlwVBBUAFQQVABUEFQAAAAMDF1gFAAAAdHJhaW4KAAAAdmFsaWRhdGlvbhUEGTxIBHJvb3QVBA" +
        "AVAiUCGAJpZAAVDCUCGAVzcGxpdCUAABYEGRwZLCYIHBUCGRUAGRgCaWQVBhYEFj4WQiYIPDYAKAQHAAAAGAQGAAAAABkcFQYVABUCAAAAJkocFQwZFQAZGAVzcGxpdBUC" +
        "FgQWXBZgJko8NgAoCnZhbGlkYXRpb24YBXRyYWluABkcFQYVABUCAAAAFpoBFgQ2ogEAKAloeXBhcnF1ZXQZLBwAABwAAAC1AAAAUEFSMQ==";

    // Columns a and A.
    private const string Case =
        "UEFSMRUGFRQVGFwVBBUAFQQVABUEFQAAAAMDCBwBAAAAAgAAABUGFRQVGFwVBBUAFQQVABUEFQAAAAMDCBwKAAAAFAAAABUEGTxIBHJvb3QVBAAVAiUCGAFhABUCJQIYAU" +
        "EAFgQZHBksJggcFQIZFQAZGAFhFQIWBBY+FkImCDw2ACgEAgAAABgEAQAAAAAZHBUGFQAVAgAAACZKHBUCGRUAGRgBQRUCFgQWPhZCJko8NgAoBBQAAAAYBAoAAAAAGRwV" +
        "BhUAFQIAAAAWfBYENoQBACgJaHlwYXJxdWV0GSwcAAAcAAAAoQAAAFBBUjE=";

    private readonly TableFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("id=5/t.parquet")]
    [InlineData("split=train/item=7/t.parquet")]
    [InlineData("item=9.parquet")]
    public void ThePathOfAFileIsNoData(string name)
    {
        TableSchema schema = new("t", 1, [new("id", ColumnType.Int32), new("split", ColumnType.String), new("item", ColumnType.Int32)]);
        string path = Folder(name);
        using (TableWriter writer = new(path, schema))
        {
            writer.Add(6).Add("validation").Add(1).EndRow();
            writer.Complete();
        }

        AssertHolds(path, [6, "validation", 1]);
        TableReader reader = TableReader.Open(path, schema);
        Assert.Equal(["validation"], reader.Column<string>("split"));
    }

    [Theory]
    [InlineData("a[1].parquet", "a1.parquet")]
    [InlineData("b*.parquet", "bx.parquet")]
    [InlineData("b?.parquet", "bx.parquet")]
    [InlineData("**.parquet", "deep/er.parquet")]
    [InlineData("**/t.parquet", "d/t.parquet")]
    [InlineData("[ab]/t.parquet", "a/t.parquet")]
    [InlineData("[!x].parquet", "y.parquet")]
    [InlineData("[[]].parquet", "[.parquet")]
    [InlineData("c\\d.parquet", "cd.parquet")]
    [InlineData("{a,b}.parquet", "a.parquet")]
    [InlineData("~/t.parquet", "t.parquet")]
    public void AFileNameIsNoPattern(string name, string matched)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such file names");
        TableEngine.Require();
        TableSchema schema = new("t", 1, [new("id", ColumnType.Int32)]);
        foreach ((string file, int id) in new[] { (name, 1), (matched, 2) })
        {
            using TableWriter writer = new(Folder(file), schema);
            writer.Add(id).EndRow();
            writer.Complete();
        }

        AssertHolds(folder[name], [1]);
        AssertHolds(folder[matched], [2]);
        Assert.Throws<FormatException>(() => Table.Open(folder[matched]).Sql($"SELECT * FROM '{folder[name]}'"));
    }

    [Fact]
    public void APathThatCannotBeGivenToDuckDbIsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such file names");
        TableEngine.Require();
        Table table = Table.Open(folder.WriteTokens("c\\*d.parquet", 3));

        Assert.Equal(3, table.All().Count());
        Assert.Contains("not supported: a path with a backslash", Assert.Throws<InvalidDataException>(() => table.Describe()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ACompressionThatIsUnknownIsNoDamage()
    {
        Write("lzo.parquet", Lzo);

        string message = Assert.Throws<InvalidDataException>(() => All(folder["lzo.parquet"])).Message;
        Assert.StartsWith($"{folder["lzo.parquet"]}: not supported: ", message, StringComparison.Ordinal);
        Assert.Contains("LZO", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PARE 12 bytes or more PARE")]
    [InlineData("PAR1 12 bytes or more PARE")]
    public void AnEncryptedFileIsNoDamage(string content)
    {
        File.WriteAllText(folder["e.parquet"], content);

        Assert.Equal($"{folder["e.parquet"]}: not supported: an encrypted Parquet file", Assert.Throws<InvalidDataException>(() => Table.Open(folder["e.parquet"])).Message);
    }

    [Fact]
    public void ColumnsAreNotRenamedInSilence()
    {
        Write("case.parquet", Case);

        Assert.Contains("names that differ only by case", Assert.Throws<InvalidDataException>(() => Table.Open(folder["case.parquet"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AColumnOfVeryLargeNumbersDoesNotHideTheOthers()
    {
        TableEngine.Require();
        double[] values = [0.1, 1e300, double.Epsilon, -3e300, double.NaN];
        using (TableWriter writer = new(folder["large.parquet"], new TableSchema("t", 1, [new("x", ColumnType.Float64) { AllowsNonFinite = true }, new("y", ColumnType.Int32), new("one", ColumnType.Int32)])))
        {
            foreach ((int i, double value) in values.Index())
            {
                writer.Add(value).Add(i + 1).Add(1).EndRow();
            }

            writer.Complete();
        }

        Table table = Table.Open(folder["large.parquet"]);
        IReadOnlyList<ColumnSummary> columns = table.Describe();
        Assert.Equal((-3e300, 1e300, 1L), (columns[0].Min, columns[0].Max, columns[0].NonFinite));
        Assert.Equal(-0.5, columns[0].Mean!.Value / 1e300, 1e-12);
        Assert.Equal(Math.Sqrt(9 / 3.0), columns[0].Std!.Value / 1e300, 1e-12);
        Assert.Equal((3.0, Math.Sqrt(2.5)), (columns[1].Mean, columns[1].Std));
        using TableRows groups = table.GroupBy(["one"], Aggregate.Parse("sum(x),mean(x),std(x),std(y)"));
        object?[] group = Assert.Single(groups);
        Assert.Equal(-2, (double)group[1]! / 1e300, 1e-12);
        Assert.Equal((columns[0].Mean, columns[0].Std, columns[1].Std), ((double?)group[2], (double?)group[3], (double?)group[4]));
    }

    private string Folder(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        return folder[name];
    }

    private void Write(string name, string base64) => File.WriteAllBytes(folder[name], Convert.FromBase64String(base64));

    private static void AssertHolds(string path, object[] row)
    {
        TableEngine.Require();
        Table table = Table.Open(path);
        using TableRows tail = table.Tail(5);
        Assert.Equal(row, Assert.Single(tail));
        Assert.Equal(row, Assert.Single(All(path)));
        Assert.Equal(1, table.Metadata.Rows);
        Assert.NotNull(table.Metadata.Schema);
        using TableRows sql = table.Sql("FROM t");
        Assert.Equal(row, Assert.Single(sql));
        Assert.Equal(row.Length, table.Describe().Count);
    }

    private static object?[][] All(string path)
    {
        Table table = Table.Open(path);
        using TableRows rows = table.All();
        return [.. rows];
    }
}
