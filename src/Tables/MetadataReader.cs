using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>Reads what a Parquet file says about itself.</summary>
internal static class MetadataReader
{
    /// <summary>Reads the footer.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or its metadata are of a newer format.</exception>
    public static TableMetadata Read(ParquetSession session, string path)
    {
        string file = SqlText.Literal(Path.GetFullPath(path));
        object?[] facts = Rows(session, $"SELECT num_rows, num_row_groups, created_by FROM parquet_file_metadata({file})")[0];
        StoredColumn[] columns = [.. Rows(session, $"SELECT column_name, column_type FROM (DESCRIBE {ParquetSession.View})").Select(row => new StoredColumn((string)row[0]!, (string)row[1]!))];
        string? schema = Value(session, file, StoredSchema.SchemaKey);
        string? provenance = Value(session, file, StoredSchema.ProvenanceKey);
        return new TableMetadata(
            path,
            new FileInfo(path).Length,
            (long)facts[0]!,
            (long)facts[1]!,
            facts[2] as string ?? "an unnamed program",
            columns,
            schema is null ? null : StoredSchema.Read(schema, path),
            provenance is null ? new Dictionary<string, string>() : StoredSchema.ReadProvenance(provenance, path));
    }

    private static string? Value(ParquetSession session, string file, string key) =>
        Rows(session, $"SELECT decode(value, 'replace') FROM parquet_kv_metadata({file}) WHERE key = {SqlText.Literal(key)}::BLOB") is [var row, ..] ? (string?)row[0] : null;

    private static List<object?[]> Rows(ParquetSession session, string sql)
    {
        using TableRows rows = session.Query(sql);
        return [.. rows];
    }
}
