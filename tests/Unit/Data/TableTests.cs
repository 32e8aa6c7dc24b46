using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;
using AdaptiveKv.Data.Sql;

namespace AdaptiveKv.Unit.Data;

public sealed class TableTests : IDisposable
{
    private const int Rows = 3000;

    private readonly TableFolder folder = new();
    private readonly Table table;

    public TableTests()
    {
        TableEngine.Require();
        table = Table.Open(folder.WriteTokens("tokens.parquet", Rows));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void TheFirstAndTheLastRows()
    {
        Assert.Equal([0, 1, 2], Tokens(table.Head(3, ["position"])));
        Assert.Equal([97, 98, 99], Tokens(table.Tail(3, ["position"])));
        Assert.Equal(Rows, Tokens(table.Tail(Rows + 5, ["position"])).Length);
        Assert.Equal(TokenTable.Schema.Columns.Select(column => new ResultColumn(column.Name, column.Type)), Columns(table.Head(1)));
    }

    [Fact]
    public void ASampleIsTheSameForTheSameSeed()
    {
        object?[][] first = All(table.Sample(20, seed: 1));

        Assert.Equal(first, All(table.Sample(20, seed: 1)));
        Assert.NotEqual(first, All(table.Sample(20, seed: 2)));
        Assert.Equal(20, first.Length);
        Assert.Equal(first.OrderBy(row => ((int)row[0]! * TokenTable.TokensPerItem) + (int)row[1]!), first);
        Assert.Equal(All(table.All()), All(table.Sample(Rows, seed: 3)));
    }

    [Fact]
    public void NumbersAreDescribed()
    {
        ColumnSummary loss = Describe("loss");
        double[] finite = [.. Enumerable.Range(0, Rows).Select(TokenTable.Loss).Where(double.IsFinite).Order()];
        double mean = finite.Average();

        Assert.Equal((Rows, 0, 3), (loss.Count, loss.Nulls, loss.NonFinite));
        Assert.Equal((finite[0], finite[^1]), (loss.Min, loss.Max));
        Assert.Equal(mean, loss.Mean!.Value, 1e-9);
        Assert.Equal(Math.Sqrt(finite.Sum(x => (x - mean) * (x - mean)) / (finite.Length - 1)), loss.Std!.Value, 1e-9);
        Assert.Equal(finite[finite.Length / 4], loss.Q25!.Value, 0.2);
        Assert.Equal(finite[finite.Length / 2], loss.Median!.Value, 0.2);
        Assert.Equal(finite[finite.Length * 3 / 4], loss.Q75!.Value, 0.2);
        Assert.InRange(loss.Distinct, finite.Length / 2, Rows);
    }

    [Fact]
    public void OtherColumnsAreDescribedAsFarAsTheyCanBe()
    {
        ColumnSummary note = Describe("note");
        ColumnSummary correct = Describe("correct");
        ColumnSummary kl = Describe("kl");

        Assert.Equal((600L, 2400L, null, null), (note.Count, note.Nulls, note.NonFinite, note.Mean));
        Assert.Equal("line 0\n\"two\", three", note.Min);
        Assert.Equal(1.0 / 3, correct.Mean!.Value, 1e-12);
        Assert.Equal((0L, 3L, 2.25), (kl.Min, kl.Max, Math.Round(kl.Mean!.Value, 2)));
    }

    [Fact]
    public void AnEmptyTableIsDescribedToo()
    {
        Table empty = Table.Open(folder.WriteTokens("empty.parquet", 0));

        Assert.All(empty.Describe(), column => Assert.Equal((0L, null, null), (column.Count, column.Min, column.Mean)));
    }

    [Fact]
    public void GroupsAreAggregatedInOrder()
    {
        object?[][] groups = All(table.GroupBy(["correct"], Aggregate.Parse("count, mean(loss), max(token),sum(correct),distinct(item)")));

        double[] losses = [.. Enumerable.Range(0, Rows).Where(row => row % 3 == 0).Select(TokenTable.Loss).Where(double.IsFinite)];
        Assert.Equal([false, true], groups.Select(group => group[0]));
        Assert.Equal(1000L, groups[1][1]);
        Assert.Equal(losses.Average(), (double)groups[1][2]!, 1e-9);
        Assert.Equal(Enumerable.Range(0, Rows).Where(row => row % 3 == 0).Max(TokenTable.Token), groups[1][3]);
        Assert.Equal(1000.0, groups[1][4]);
        Assert.Equal(30L, groups[1][5]);
    }

    [Fact]
    public void AColumnThatDoesNotExistOrHoldsNoNumbersIsRefused()
    {
        Assert.Throws<ArgumentException>(() => table.Head(1, ["lost"]));
        Assert.Throws<ArgumentException>(() => table.Describe(["lost"]));
        Assert.Throws<ArgumentException>(() => table.GroupBy(["item"], Aggregate.Parse("mean(lost)")));
        Assert.Contains("'piece' holds VARCHAR", Assert.Throws<ArgumentException>(() => table.GroupBy(["item"], Aggregate.Parse("mean(piece)"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesAreNoSql()
    {
        TableSchema odd = new("odd", 1, [new("select \"x\"; --", ColumnType.Int32), new("ümläut 'q'", ColumnType.Float32)]);
        using (TableWriter writer = new(folder["it's [1].parquet"], odd))
        {
            writer.Add(7).Add(0.5f).EndRow();
            writer.Complete();
        }

        Table opened = Table.Open(folder["it's [1].parquet"]);
        Assert.Equal([7, 0.5f], Assert.Single(All(opened.Head(5))));
        Assert.Equal(2, opened.Describe().Count);
        Assert.Equal([7, 0.5], Assert.Single(All(opened.GroupBy([odd.Columns[0].Name], Aggregate.Parse("mean(ümläut 'q')")))));
    }

    private static object?[] Tokens(TableRows rows) => [.. All(rows).Select(row => row[0])];

    private static object?[][] All(TableRows rows)
    {
        using (rows)
        {
            return [.. rows];
        }
    }

    private static IReadOnlyList<ResultColumn> Columns(TableRows rows)
    {
        using (rows)
        {
            return rows.Columns;
        }
    }

    private ColumnSummary Describe(string column) => Assert.Single(table.Describe([column]));
}
