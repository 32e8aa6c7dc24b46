using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;
using AdaptiveKv.Data.Sql;

namespace AdaptiveKv.Unit.Data.Sql;

public sealed class TableSqlTests : IDisposable
{
    private readonly TableFolder folder = new();
    private readonly string path;

    public TableSqlTests()
    {
        TableEngine.Require();
        path = folder.WriteTokens("tokens.parquet", 300);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("SELECT item, count(*) AS n FROM t GROUP BY item ORDER BY item", "0 100|1 100|2 100")]
    [InlineData("FROM t SELECT max(position);", "99")]
    [InlineData("SELECT sum(item), 0.5, 7::TINYINT, 'x' FROM t -- a comment", "300 0.5 7 x")]
    [InlineData("SELECT 1 AS a, 2 AS a", "1 2")]
    [InlineData("WITH r AS (SELECT item FROM t) SELECT count(*) FROM r", "300")]
    [InlineData("SELECT DATE '2026-01-02', [1, 2], {'a': 1}, NULL", "2026-01-02 [1, 2] {'a': 1} ")]
    public void AQueryReadsTheViewT(string query, string expected) => Assert.Equal(expected, Run(query));

    [Fact]
    public void SeveralFilesAreOneView()
    {
        string other = folder.WriteTokens("other.parquet", 50);

        using TableRows rows = Table.Open("both", [path, other]).Sql("SELECT count(*) FROM t");
        Assert.Equal(350L, Assert.Single(rows)[0]);
    }

    [Theory]
    [InlineData("s = '\U0001F600'", 1)]
    [InlineData("s > '\uFFFE'", 1)]
    [InlineData("s < 'b'", 1)]
    [InlineData("x > 4 AND x < 6", 1)]
    [InlineData("y = 5", 1)]
    [InlineData("y IS NULL", 1)]
    [InlineData("isnan(x)", 2)]
    [InlineData("x < 4", 0)]
    public void NoRowIsPassedOver(string condition, long rows)
    {
        TableSchema schema = new("t", 1, [new("s", ColumnType.String), new("x", ColumnType.Float64) { AllowsNonFinite = true }, new("y", ColumnType.Float32) { Optional = true, AllowsNonFinite = true }]);
        using (TableWriter writer = new(folder["bounds.parquet"], schema))
        {
            // By UTF-16 the second text is before the first one, by UTF-8 behind it.
            writer.Add("\uFFFD").Add(double.NaN).Add(float.NaN).EndRow();
            writer.Add("\U0001F600").Add(5.0).Add(5f).EndRow();
            writer.Add("a").Add(double.NaN).AddNull().EndRow();
            writer.Complete();
        }

        using TableRows found = Table.Open(folder["bounds.parquet"]).Sql($"SELECT count(*) FROM t WHERE {condition}");
        Assert.Equal(rows, Assert.Single(found)[0]);
    }

    [Theory]
    [InlineData("SELECT losss FROM t", "Binder", "\"loss\"")]
    [InlineData("SELCT 1", "Parser", "SELCT")]
    [InlineData("SELECT CAST(piece AS INTEGER) FROM t", "Conversion", "piece")]
    [InlineData("SELECT parquet FROM t", "Binder", "parquet")]
    [InlineData("", "Invalid Input", "")]
    [InlineData("SELECT 1; SELECT 2", "Invalid Input", "multiple")]
    [InlineData("SELECT 1) UNION ALL (SELECT 2", "Parser", ")")]
    public void AWrongQueryIsToldInOneLine(string query, string kind, string word) => AssertRefused(query, kind, word);

    [Theory]
    [InlineData("DROP VIEW t")]
    [InlineData("CREATE TABLE x AS FROM t")]
    [InlineData("COPY t TO '{path}' (FORMAT parquet)")]
    [InlineData("EXPLAIN ANALYZE COPY t TO '{path}' (FORMAT parquet)")]
    [InlineData("SET threads = 4")]
    [InlineData("ATTACH '{folder}/x.db'")]
    [InlineData("INSTALL httpfs")]
    [InlineData("PRAGMA database_list")]
    public void OnlyQueriesAreRun(string query)
    {
        byte[] before = File.ReadAllBytes(path);

        AssertRefused(query.Replace("{path}", path, StringComparison.Ordinal).Replace("{folder}", folder.Path, StringComparison.Ordinal), "", "");
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData("SELECT * FROM read_text('{folder}/secret.txt')")]
    [InlineData("SELECT * FROM read_csv('{folder}/secret.txt')")]
    [InlineData("SELECT * FROM glob('{folder}/*')")]
    [InlineData("SELECT * FROM '{folder}/secret.txt'")]
    [InlineData("SELECT * FROM read_parquet('{folder}/other.parquet')")]
    [InlineData("SELECT * FROM read_parquet('{folder}/sub/../other.parquet')")]
    [InlineData("SELECT * FROM read_parquet('https://example.com/x.parquet')")]
    [InlineData("SELECT * FROM query('COPY (SELECT 1) TO ''{path}''')")]
    [InlineData("SELECT getenv('HOME')")]
    public void NothingElseCanBeReached(string query)
    {
        File.WriteAllText(folder["secret.txt"], "secret");
        folder.WriteTokens("other.parquet", 1);

        AssertRefused(query.Replace("{path}", path, StringComparison.Ordinal).Replace("{folder}", folder.Path, StringComparison.Ordinal), "", "");
    }

    [Fact]
    public void AQueryThatNeedsTooMuchMemoryIsRefused() =>
        Assert.Contains("needs more than 512 MiB", Refusal("SELECT count(*) FROM (SELECT DISTINCT a.range, repeat('x', 100) || a.range FROM range(100000000) a)"), StringComparison.Ordinal);

    [Fact]
    public void ALongQueryCanBeCancelled()
    {
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(200));

        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            using TableRows rows = Table.Open(path).Sql("SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b", source.Token);
            return rows.ToArray();
        });
    }

    private void AssertRefused(string query, string kind, string word)
    {
        string message = Refusal(query);
        Assert.StartsWith($"the query is refused ({kind}", message, StringComparison.Ordinal);
        Assert.Contains(word, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private string Refusal(string query) => Assert.Throws<FormatException>(() => Run(query)).Message;

    private string Run(string query)
    {
        using TableRows rows = Table.Open(path).Sql(query);
        return string.Join('|', rows.Select(row => string.Join(' ', row)));
    }
}
