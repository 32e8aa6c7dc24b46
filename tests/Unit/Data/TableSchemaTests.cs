using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Unit.Data;

public sealed class TableSchemaTests
{
    private static readonly TableColumn[] Columns = [new("a", ColumnType.Int32), new("b", ColumnType.String)];

    [Fact]
    public void ColumnsAreFoundByName()
    {
        TableSchema schema = new("t", 3, Columns) { Key = ["b"] };

        Assert.Equal((0, 1, -1), (schema.IndexOf("a"), schema.IndexOf("b"), schema.IndexOf("A")));
        Assert.Equal(["b"], schema.Key);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("A")]
    [InlineData("line\nend")]
    [InlineData("nul\0")]
    public void ANameThatIsEmptyRepeatedOrNoTextIsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => new TableSchema("t", 1, [.. Columns, new(name, ColumnType.Int32)]));

    [Fact]
    public void ATableNeedsANameAVersionAndColumns()
    {
        Assert.Throws<ArgumentException>(() => new TableSchema(" ", 1, Columns));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TableSchema("t", 0, Columns));
        Assert.Throws<ArgumentException>(() => new TableSchema("t", 1, []));
    }

    [Fact]
    public void AKeyIsMadeOfColumns() => Assert.Throws<ArgumentException>(() => new TableSchema("t", 1, Columns) { Key = ["a", "c"] });
}
