using System.Security.Cryptography;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Unit.Data;

public sealed class TableWriterTests : IDisposable
{
    private readonly TableFolder folder = new();

    private static TableSchema Small { get; } = new("small", 1, [new("id", ColumnType.Int32), new("x", ColumnType.Float32), new("v", ColumnType.Float32List)]);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2048)]
    [InlineData(2049)]
    [InlineData(150_000)]
    public void WhatIsWrittenIsRead(int rows)
    {
        TableReader reader = TableReader.Open(folder.WriteTokens("tokens.parquet", rows), TokenTable.Schema);

        Assert.Equal(rows, reader.Metadata.Rows);
        int row = 0;
        foreach (TableBatch batch in reader.Read())
        {
            for (int i = 0; i < batch.Rows; i++, row++)
            {
                AssertRow(batch, i, row);
            }
        }

        Assert.Equal(rows, row);
    }

    [Fact]
    public void TheSameRowsGiveTheSameBytes()
    {
        const int Rows = 100_001;
        string first = folder.WriteTokens("a.parquet", Rows);
        using (TableWriter writer = new(folder["b.parquet"], TokenTable.Schema, TokenTable.Provenance.Reverse().ToDictionary()))
        {
            TokenTable.Add(writer, Rows);
            Assert.Equal(Rows, writer.Rows);
            writer.Complete();
        }

        Assert.Equal(Hash(first), Hash(folder["b.parquet"]));

        // Other writers at work at the same time change nothing.
        string[] parallel = [.. Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).Select(i => folder.WriteTokens($"parallel{i}.parquet", Rows))];
        Assert.All(parallel, path => Assert.Equal(Hash(first), Hash(path)));
    }

    [Fact]
    public void RowGroupsHaveAFixedSize()
    {
        TableReader reader = TableReader.Open(folder.WriteTokens("tokens.parquet", 140_000), TokenTable.Schema);

        Assert.Equal(3, reader.Metadata.RowGroups);
    }

    [Fact]
    public void WithoutCompletionNothingIsLeft()
    {
        File.WriteAllText(folder["old.parquet"], "stays");
        using (TableWriter writer = new(folder["old.parquet"], TokenTable.Schema))
        {
            TokenTable.Add(writer, 100_000);
        }

        Assert.Equal("stays", File.ReadAllText(folder["old.parquet"]));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void AFileIsReplacedWhole()
    {
        folder.WriteTokens("tokens.parquet", 10);
        string path = folder.WriteTokens("tokens.parquet", 20);

        TableReader reader = TableReader.Open(path, TokenTable.Schema);
        Assert.Equal(20, reader.Metadata.Rows);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void AMissingFolderIsNamed()
    {
        var refused = Assert.Throws<DirectoryNotFoundException>(() => new TableWriter(folder["absent/t.parquet"], Small));

        Assert.Contains("absent", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFailureToWriteReachesTheWriter()
    {
        using TableWriter writer = new(folder["t.parquet"], Small);
        Directory.CreateDirectory(folder["t.parquet"]);
        writer.Add(1).Add(1f).Add([2f]).EndRow();

        Assert.ThrowsAny<IOException>(writer.Complete);
    }

    [Fact]
    public void AValueOfAnotherTypeIsRefused()
    {
        using TableWriter writer = new(folder["t.parquet"], Small);

        Assert.EndsWith("column 'id' holds Int32, not Single", Assert.Throws<ArgumentException>(() => writer.Add(1f)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARowOfAnotherLengthIsRefused()
    {
        using TableWriter writer = new(folder["t.parquet"], Small);
        writer.Add(1);

        Assert.EndsWith("row 0 has 1 of 3 columns: 'x' is next", Assert.Throws<ArgumentException>(writer.EndRow).Message, StringComparison.Ordinal);
        Assert.EndsWith("row 0 is not ended", Assert.Throws<ArgumentException>(writer.Complete).Message, StringComparison.Ordinal);
        writer.Add(2f).Add([]);
        Assert.EndsWith("row 0 has a value too many: it has 3 columns", Assert.Throws<ArgumentException>(() => writer.Add(1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN, 0f, "column 'x' is NaN or infinite")]
    [InlineData(0f, float.PositiveInfinity, "column 'v' is NaN or infinite")]
    public void NonFiniteNumbersAreRefusedUnlessDeclared(float x, float element, string fault)
    {
        using TableWriter writer = new(folder["t.parquet"], Small);
        for (int i = 0; i < 5000; i++)
        {
            writer.Add(i).Add(1f).Add([1f, 2f]).EndRow();
        }

        writer.Add(5000).Add(x).Add([1f, element]).EndRow();
        writer.Add(5001).Add(1f).Add([]).EndRow();

        Assert.Contains($"row 5000: {fault}", Assert.Throws<InvalidDataException>(writer.Complete).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingValueIsRefusedUnlessDeclared()
    {
        using TableWriter writer = new(folder["t.parquet"], Small);
        writer.Add(1).AddNull().Add([]).EndRow();

        Assert.Contains("row 0: column 'x' has no value", Assert.Throws<InvalidDataException>(writer.Complete).Message, StringComparison.Ordinal);
    }

    private static void AssertRow(TableBatch batch, int i, int row)
    {
        Assert.Equal(row / TokenTable.TokensPerItem, batch.Values<int>("item")[i]);
        Assert.Equal(TokenTable.Hash(row), batch.Values<long>("hash")[i]);
        Assert.Equal(TokenTable.Piece(row), batch.Values<string>("piece")[i]);
        Assert.Equal(TokenTable.Share(row, 3), batch.Values<float>("rarity")[i]);
        Assert.Equal(TokenTable.Loss(row), batch.Values<double>("loss")[i]);
        Assert.Equal(row % 3 == 0, batch.Values<bool>("correct")[i]);
        Assert.Equal(TokenTable.Kl(row) is null, batch.IsNull("kl", i));
        Assert.Equal(TokenTable.Kl(row) ?? [], batch.List("kl", i));
        Assert.Equal(TokenTable.Note(row), batch.Values<string>("note")[i]);
    }

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
}
