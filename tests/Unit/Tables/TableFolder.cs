using AdaptiveKv.Tables;
using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Unit.Tables;

/// <summary>A folder for one test's tables; skips the test where DuckDB is not installed.</summary>
internal sealed class TableFolder : IDisposable
{
    public TableFolder() => Assert.SkipUnless(DuckDbLibrary.Location is not null, "needs DuckDB: run ./akv setup");

    public string Path { get; } = Directory.CreateTempSubdirectory("akv-tables-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes the rows of <see cref="TokenTable"/>.</summary>
    public string WriteTokens(string name, int rows)
    {
        using TableWriter writer = new(this[name], TokenTable.Schema, TokenTable.Provenance);
        TokenTable.Add(writer, rows);
        writer.Complete();
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
