using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Unit.Data;

public sealed class TableReaderTests : IDisposable
{
    private const int Rows = 5000;
    private const int Many = 70_000;

    private readonly TableFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheFileSaysWhatItIs()
    {
        TableReader reader = OpenTokens();

        Assert.Equal(Rows, reader.Metadata.Rows);
        Assert.Equal(1, reader.Metadata.RowGroups);
        Assert.Equal(new FileInfo(reader.Metadata.Path).Length, reader.Metadata.Bytes);
        Assert.Equal(TokenTable.Provenance.OrderBy(fact => fact.Key, StringComparer.Ordinal), reader.Metadata.Provenance);
        Assert.Equal(TokenTable.Schema.Columns, reader.Metadata.Schema!.Columns);
        Assert.Equal(TokenTable.Schema.Key, reader.Metadata.Schema.Key);
        Assert.Equal(("tokens", 1), (reader.Metadata.Schema.Name, reader.Metadata.Schema.Version));
    }

    [Fact]
    public void OnlyTheColumnsAskedForAreRead()
    {
        TableReader reader = OpenTokens();

        TableBatch batch = reader.Read(["loss", "item"]).First();

        Assert.Equal(TokenTable.Loss(7), batch.Values<double>("loss")[7]);
        Assert.Contains("'token' was not read: loss, item", Assert.Throws<ArgumentException>(() => batch.Values<int>("token")).Message, StringComparison.Ordinal);
        Assert.Contains("'item' holds Int32, not Single", Assert.Throws<ArgumentException>(() => batch.Values<float>("item")).Message, StringComparison.Ordinal);
        Assert.Contains("no column 'lost'", Assert.Throws<ArgumentException>(() => reader.Read(["lost"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AColumnCanBeReadWhole()
    {
        TableReader reader = OpenTokens();

        Assert.Equal(Enumerable.Range(0, Rows).Select(TokenTable.Token), reader.Column<int>("token"));
        Assert.Equal(Enumerable.Range(0, Rows).Select(TokenTable.Note), reader.Column<string?>("note"));
    }

    [Fact]
    public void BatchesStayAsTheyAreWhileOthersAreRead()
    {
        TableReader reader = TableReader.Open(folder.WriteTokens("tokens.parquet", Many), TokenTable.Schema);
        using IEnumerator<TableBatch> outer = reader.Read(["token"]).GetEnumerator();
        Assert.True(outer.MoveNext());
        TableBatch first = outer.Current;

        Assert.Equal(Many, reader.Read(["token"]).Sum(batch => batch.Rows));
        Assert.True(outer.MoveNext());
        Assert.Equal(TokenTable.Token(0), first.Values<int>("token")[0]);
        Assert.Equal(TokenTable.Token(first.Rows), outer.Current.Values<int>("token")[0]);
    }

    [Fact]
    public void ReadingCanBeCancelled()
    {
        using CancellationTokenSource source = new();
        TableReader reader = OpenTokens();

        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (TableBatch _ in reader.Read(cancellation: source.Token))
            {
                source.Cancel();
            }
        });
    }

    [Fact]
    public void ANewerVersionIsRefused()
    {
        Assert.Contains(
            "table 'tokens' has version 2, this program reads up to 1: use a newer akv",
            RefusalOf(new TableSchema("tokens", 2, TokenTable.Schema.Columns), TokenTable.Schema),
            StringComparison.Ordinal);
    }

    [Fact]
    public void AnOlderVersionIsReadIfItHasTheColumns()
    {
        TableSchema wider = new("tokens", 2, [.. TokenTable.Schema.Columns, new("rank", ColumnType.Int32)]);
        Assert.Equal(Rows, OpenTokens(new TableSchema("tokens", 2, [.. TokenTable.Schema.Columns.Take(3)])).Metadata.Rows);

        Assert.EndsWith("column 'rank' is missing, expected Int32: make the file again with this version of akv", RefusalOf(TokenTable.Schema, wider), StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherTableIsRefused() =>
        Assert.EndsWith("holds a table 'tokens': a table 'items' is expected", RefusalOf(TokenTable.Schema, new TableSchema("items", 1, [new("item", ColumnType.Int32)])), StringComparison.Ordinal);

    [Fact]
    public void AColumnOfAnotherTypeIsRefused() =>
        Assert.Contains("column 'item' is INTEGER, expected Int64", RefusalOf(TokenTable.Schema, new TableSchema("tokens", 1, [new("item", ColumnType.Int64)])), StringComparison.Ordinal);

    [Fact]
    public void AFileOfAnotherProgramIsRefused()
    {
        folder.WriteTokens("tokens.parquet", 10);
        string path = folder.Patch("tokens.parquet", "akv.schema", "abc.schema");

        Assert.Contains("written by another program (Parquet.Net", Assert.Throws<InvalidDataException>(() => TableReader.Open(path, TokenTable.Schema)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"format\":1", "\"format\":2", "its metadata has format 2, this program reads 1: use a newer akv")]
    [InlineData("\"format\":1", "\"format\":x", "metadata 'akv.schema' is damaged")]
    [InlineData("\"type\":\"Int32\"", "\"type\":\"Int23\"", "metadata 'akv.schema' is damaged")]
    [InlineData("\"type\":\"Int32\"", "\"type\":1234567", "metadata 'akv.schema' is damaged")]
    [InlineData("\"name\":\"token\"", "\"mane\":\"token\"", "metadata 'akv.schema' is damaged")]
    [InlineData("[\"item\",\"position\"]", "[\"item\",\"positiom\"]", "metadata 'akv.schema' is damaged")]
    [InlineData("\"seed\":\"42\"", "\"seed\":42  ", "metadata 'akv.provenance' is damaged")]
    public void DamagedMetadataIsNamed(string text, string replacement, string fault)
    {
        folder.WriteTokens("tokens.parquet", 10);
        string path = folder.Patch("tokens.parquet", text, replacement);

        string message = Assert.Throws<InvalidDataException>(() => TableReader.Open(path, TokenTable.Schema)).Message;
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains(fault, message, StringComparison.Ordinal);
    }

    private TableReader OpenTokens(TableSchema? expected = null) => TableReader.Open(folder.WriteTokens("tokens.parquet", Rows), expected ?? TokenTable.Schema);

    private string RefusalOf(TableSchema written, TableSchema expected)
    {
        using (TableWriter writer = new(folder["t.parquet"], written))
        {
            TokenTable.Add(writer, 3);
            writer.Complete();
        }

        return Assert.Throws<InvalidDataException>(() => TableReader.Open(folder["t.parquet"], expected)).Message;
    }
}
