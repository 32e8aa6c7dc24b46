using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;
using AdaptiveKv.Data.Sql;
using DuckDB.NET.Data;
using Parquet;
using Parquet.Schema;

namespace AdaptiveKv.Unit.Data;

/// <summary>Files that DuckDB writes, every column optional, in its types, codings and compressions: read without it they have the rows that it reads itself.</summary>
public sealed class DuckDbFilesTests : IDisposable
{
    private const int Rows = 2500;

    private readonly TableFolder folder = new();

    public DuckDbFilesTests()
    {
        TableEngine.Require();
        DuckDbLibrary.Load();
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("COMPRESSION zstd")]
    [InlineData("COMPRESSION snappy")]
    [InlineData("COMPRESSION gzip")]
    [InlineData("COMPRESSION brotli")]
    [InlineData("COMPRESSION lz4_raw")]
    [InlineData("COMPRESSION uncompressed, ROW_GROUP_SIZE 2048")]
    [InlineData("COMPRESSION zstd, PARQUET_VERSION V2", "dec", "wide", "day", "moment")]
    public void EveryTypeIsReadOrRefused(string options, params string[] refused)
    {
        const string Columns = """
            i AS plain, CASE WHEN i % 3 = 0 THEN i END AS big, i::INTEGER AS whole, i::SMALLINT AS small, (i % 100)::TINYINT AS tiny, (i % 200)::UTINYINT AS utiny,
            i::USMALLINT AS usmall, (i + 4000000000)::UINTEGER AS uint, (i + 18446744073709000000)::UBIGINT AS ubig, i % 2 = 0 AS truth, i / 7.0::FLOAT AS real,
            CASE WHEN i % 5 = 0 THEN 'NaN'::DOUBLE WHEN i % 5 = 1 THEN 'Infinity'::DOUBLE WHEN i % 5 = 2 THEN NULL ELSE i / 3.0 END AS double, (i / 4)::DECIMAL(9, 2) AS dec,
            (i / 8)::DECIMAL(18, 3) AS wide, 'piece ' || i % 10 || ' ü😀' AS text, CASE WHEN i % 4 = 0 THEN '' WHEN i % 4 = 1 THEN NULL ELSE 'a' || i END AS sometimes,
            ('\xAA\x00' || i)::BLOB AS bytes, DATE '2026-01-02' + i::INTEGER AS day, TIMESTAMP '1969-12-31 23:59:59.5' + to_seconds(i * 77) AS moment,
            TIME '01:02:03.25' AS hour, 'b0a8f3f4-1b1e-4e46-9d39-3b5f2c7e1a00'::UUID AS id,
            CASE WHEN i % 6 = 0 THEN NULL WHEN i % 6 = 1 THEN [] WHEN i % 6 = 2 THEN [NULL, 2.5] ELSE [i / 2.0, 1.5] END::FLOAT[] AS floats,
            CASE WHEN i % 3 = 0 THEN NULL WHEN i % 3 = 1 THEN [] ELSE [i, NULL, 7] END AS wholes, CASE WHEN i % 2 = 0 THEN ['x', NULL, 'y' || i] END AS texts
            """;
        Table table = Copy($"SELECT {Columns} FROM range({Rows}) r(i)", options);

        string[] names = [.. table.Metadata.Columns.Select(column => column.Name).Except(refused)];
        using TableRows expected = table.Sql($"SELECT {string.Join(", ", names)} FROM t");
        using TableRows actual = table.All(names);
        Assert.Equal(expected.Columns, actual.Columns);
        Assert.All(expected.Zip(actual).Index(), rows =>
        {
            for (int i = 0; i < names.Length; i++)
            {
                Assert.True(Equals(rows.Item.First[i], rows.Item.Second[i]), $"row {rows.Index}, {names[i]}: {rows.Item.Second[i]} instead of {rows.Item.First[i]}");
            }
        });
        Assert.All(refused, name => Assert.Contains(": not supported: ", Assert.Throws<InvalidDataException>(() => table.All([name]).Count()).Message, StringComparison.Ordinal));
        Assert.Equal(Rows, table.Metadata.Rows);
        Assert.StartsWith("DuckDB", table.Metadata.CreatedBy, StringComparison.Ordinal);
        Assert.Equal(table.Describe().Select(column => new StoredColumn(column.Name, column.StoredType)), table.Metadata.Columns);
    }

    [Theory]
    [InlineData("{'a': i, 'b': 'x'}", "STRUCT")]
    [InlineData("MAP {'a': i}", "MAP")]
    [InlineData("[[i], []]", "LIST")]
    [InlineData("[{'a': i}]", "LIST")]
    public void ANestedColumnIsRefusedAloneAndTheOthersAreShown(string value, string kind)
    {
        Table table = Copy($"SELECT i AS plain, {value} AS nested FROM range(3) r(i)", "COMPRESSION zstd");

        string message = Assert.Throws<InvalidDataException>(() => table.Head(1).Count()).Message;
        Assert.Equal($"{folder["t.parquet"]}: not supported: column 'nested' is nested ({kind}): choose others with --columns, or query it with 'akv data sql'", message);
        Assert.Equal([0L, 1L, 2L], table.All(["plain"]).Select(row => row[0]));
        Assert.Equal(2, table.Describe().Count);
    }

    [Fact]
    public async Task TimestampsOfTwelveBytesAreRead()
    {
        ParquetSchema schema = new(new DateTimeDataField("old", DateTimeFormat.Impala, isNullable: true));
        await using (FileStream content = File.Create(folder["old.parquet"]))
        {
            await using ParquetWriter writer = await ParquetWriter.CreateAsync(schema, content, cancellationToken: TestContext.Current.CancellationToken);
            using (ParquetRowGroupWriter group = writer.CreateRowGroup())
            {
                await group.WriteAsync<DateTime>((DataField)schema.Fields[0], new DateTime?[] { new DateTime(2026, 1, 2, 3, 4, 5), null, new DateTime(1960, 12, 31, 23, 59, 59, 250) }, cancellationToken: TestContext.Current.CancellationToken);
            }
        }

        Table table = Table.Open(folder["old.parquet"]);
        Assert.Equal(["2026-01-02 03:04:05", null, "1960-12-31 23:59:59.25"], table.All().Select(row => row[0]));
        using TableRows expected = table.Sql("FROM t");
        Assert.Equal(expected.Select(row => row[0]), table.All().Select(row => row[0]));
    }

    private static new bool Equals(object? expected, object? actual) =>
        expected is float[] first && actual is float[] second ? first.AsSpan().SequenceEqual(second) : object.Equals(expected, actual);

    private Table Copy(string query, string options)
    {
        using DuckDBConnection connection = new("DataSource=:memory:");
        connection.Open();
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = $"COPY ({query}) TO '{folder["t.parquet"]}' (FORMAT parquet, {options})";
        command.ExecuteNonQuery();
        return Table.Open(folder["t.parquet"]);
    }
}
