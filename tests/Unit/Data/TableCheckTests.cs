using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Unit.Data;

public sealed class TableCheckTests : IDisposable
{
    private readonly TableFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ASoundTableHasNoFaults() => Assert.Empty(Check(folder.WriteTokens("tokens.parquet", 5000)));

    [Fact]
    public void ValuesTheSchemaDoesNotAllowAreCounted()
    {
        folder.WriteTokens("tokens.parquet", 5000);
        folder.Patch("tokens.parquet", "\"non_finite\":true", "\"nonfinitex\":true");
        string path = folder.Patch("tokens.parquet", "\"optional\":true", "\"optionax\":true");

        Assert.Equal(
        [
            "column 'loss' is NaN or infinite in 5 rows, the first of them 999",
            "column 'kl' lacks a value in 3750 rows, the first of them 1",
            "column 'note' lacks a value in 4000 rows, the first of them 1",
        ], Check(path));
    }

    [Fact]
    public void RepeatedKeysAreFound()
    {
        TableSchema schema = new("t", 1, [new("item", ColumnType.Int32), new("position", ColumnType.Int32)]) { Key = ["item", "position"] };
        using (TableWriter writer = new(folder["t.parquet"], schema))
        {
            foreach ((int item, int position) in (ReadOnlySpan<(int, int)>)[(1, 1), (1, 2), (2, 5), (2, 5), (2, 5), (3, 4), (3, 4)])
            {
                writer.Add(item).Add(position).EndRow();
            }

            writer.Complete();
        }

        Assert.Equal(["key (item, position): 2 of its values repeat, the first (item = 2, position = 5) in 3 rows"], Check(folder["t.parquet"]));
    }

    [Fact]
    public void ColumnsAreComparedWithTheSchema()
    {
        folder.WriteTokens("tokens.parquet", 5);
        folder.Patch("tokens.parquet", "\"name\":\"hash\",\"type\":\"Int64\"", "\"name\":\"hash\",\"type\":\"Int32\"");
        string path = folder.Patch("tokens.parquet", "\"name\":\"age\"", "\"name\":\"agx\"");

        Assert.Equal(["column 'hash' is BIGINT, its schema says Int32", "column 'agx' is missing, its schema says Float32", "column 'age' is not in its schema"], Check(path));
    }

    [Fact]
    public void AFileOfAnotherProgramIsOnlyRead()
    {
        folder.WriteTokens("tokens.parquet", 5000);

        Assert.Empty(Check(folder.Patch("tokens.parquet", "akv.schema", "abc.schema")));
    }

    private static IReadOnlyList<string> Check(string path)
    {
        Table table = Table.Open(path);
        return TableCheck.FindFaults(table);
    }
}
