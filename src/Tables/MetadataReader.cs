using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>Reads what the Parquet files of a session say about themselves.</summary>
internal static class MetadataReader
{
    /// <summary>Reads the footers.</summary>
    /// <exception cref="InvalidDataException">One is damaged, its metadata are of a newer format, or another file's say that it is another table.</exception>
    public static TableMetadata Read(ParquetSession session)
    {
        object?[][] footers = Rows(session, $"SELECT num_rows, num_row_groups, created_by FROM parquet_file_metadata({session.Files})");
        string?[] schemas = Values(session, StoredSchema.SchemaKey);
        int other = Array.FindIndex(schemas, schema => schema != schemas[0]);
        return other >= 0
            ? throw new InvalidDataException($"{session.Paths[other]}: the table it declares itself to be is not that of {session.Paths[0]}: all files of one table must be of the same kind and version")
            : new TableMetadata(
                session.Name,
                [.. session.Paths.Zip(footers, (path, footer) => new TableFile(path, new FileInfo(path).Length, (long)footer[0]!))],
                footers.Sum(footer => (long)footer[1]!),
                string.Join(", ", footers.Select(footer => footer[2] as string ?? "an unnamed program").Distinct()),
                session.Columns,
                schemas[0] is { } schema ? StoredSchema.Read(schema, session.Paths[0]) : null,
                Provenance(session));
    }

    private static Dictionary<string, string> Provenance(ParquetSession session)
    {
        string?[] texts = Values(session, StoredSchema.ProvenanceKey);
        IReadOnlyDictionary<string, string>[] facts =
            [.. session.Paths.Zip(texts, (path, text) => text is null ? new Dictionary<string, string>() : StoredSchema.ReadProvenance(text, path))];
        return facts[0].Where(fact => facts.All(file => file.TryGetValue(fact.Key, out string? value) && value == fact.Value)).ToDictionary();
    }

    // A value of each file; null where it has none of this key.
    private static string?[] Values(ParquetSession session, string key)
    {
        Dictionary<string, string?> values = [];
        foreach (object?[] row in Rows(session, $"SELECT file_name, decode(value, 'replace') FROM parquet_kv_metadata({session.Files}) WHERE key = {SqlText.Literal(key)}::BLOB"))
        {
            values.TryAdd((string)row[0]!, (string?)row[1]);
        }

        return [.. session.Paths.Select(path => values.GetValueOrDefault(Path.GetFullPath(path)))];
    }

    private static object?[][] Rows(ParquetSession session, string sql)
    {
        using TableRows rows = session.Query(sql);
        return [.. rows];
    }
}
