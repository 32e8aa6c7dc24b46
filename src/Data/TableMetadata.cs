using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data;

/// <summary>What a table's Parquet files say about themselves.</summary>
/// <param name="Path">The file, or the folder of its files.</param>
/// <param name="Files">Its files, in the order of their rows.</param>
/// <param name="RowGroups">The groups its rows are stored in.</param>
/// <param name="CreatedBy">The program that wrote it.</param>
/// <param name="Columns">Names and types as they are stored, by DuckDB's names ("FLOAT[]").</param>
/// <param name="Schema">The table it declares itself to be; null where another program wrote it.</param>
/// <param name="Provenance">Where its rows come from: hashes, seeds, versions. Of several files: what all of them say.</param>
public sealed record TableMetadata(
    string Path,
    IReadOnlyList<TableFile> Files,
    long RowGroups,
    string CreatedBy,
    IReadOnlyList<StoredColumn> Columns,
    TableSchema? Schema,
    IReadOnlyDictionary<string, string> Provenance)
{
    /// <summary>The size of its files.</summary>
    public long Bytes => Files.Sum(file => file.Bytes);

    /// <summary>Its rows.</summary>
    public long Rows => Files.Sum(file => file.Rows);
}
