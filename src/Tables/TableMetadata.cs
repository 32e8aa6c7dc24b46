namespace AdaptiveKv.Tables;

/// <summary>What a Parquet file says about itself.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="RowGroups">The groups its rows are stored in.</param>
/// <param name="CreatedBy">The program that wrote it.</param>
/// <param name="Columns">Names and types as they are stored, by DuckDB's names ("FLOAT[]").</param>
/// <param name="Schema">The table it declares itself to be; null where another program wrote it.</param>
/// <param name="Provenance">Where its rows come from: hashes, seeds, versions.</param>
public sealed record TableMetadata(
    string Path,
    long Bytes,
    long Rows,
    long RowGroups,
    string CreatedBy,
    IReadOnlyList<StoredColumn> Columns,
    TableSchema? Schema,
    IReadOnlyDictionary<string, string> Provenance);
