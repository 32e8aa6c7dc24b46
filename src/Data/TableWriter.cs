using System.IO.Compression;
using AdaptiveKv.Data.Columns;
using AdaptiveKv.Files;
using Parquet;
using Parquet.Schema;

namespace AdaptiveKv.Data;

/// <summary>
/// Writes a table to a Parquet file (zstd), row by row; in memory is at most a group of 65,536 rows. The file appears under its name with
/// <see cref="Complete"/>, whole and flushed to the disk, or not at all. The same rows give the same bytes.
/// </summary>
/// <example><code>
/// using TableWriter writer = new("tokens.parquet", schema);
/// writer.Add(item).Add(position).Add(loss).EndRow();
/// writer.Complete();
/// </code></example>
public sealed class TableWriter : IDisposable
{
    private const int RowsPerGroup = 65_536;

    private readonly string path;
    private readonly TableSchema schema;
    private readonly OutputFile file;
    private readonly ParquetSchema stored;
    private readonly ParquetWriter writer;
    private ColumnData[] open;
    private int column;

    /// <summary>Starts a file.</summary>
    /// <param name="path">Where it will be; a file that is there is replaced at the end.</param>
    /// <param name="schema">Its columns.</param>
    /// <param name="provenance">Where the rows come from (hashes, seeds, versions), kept in the file.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">No file can be made there.</exception>
    public TableWriter(string path, TableSchema schema, IReadOnlyDictionary<string, string>? provenance = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        (this.path, this.schema) = (path, schema);
        stored = new ParquetSchema(schema.Columns.Select(Stored));
        ParquetOptions options = new() { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Optimal };
        foreach (TableColumn text in schema.Columns.Where(declared => declared.Type == ColumnType.String))
        {
            options.ColumnEncodingHints[text.Name] = EncodingHint.Dictionary;
        }

        open = Empty();
        file = new OutputFile(path);
        writer = ParquetWriter.CreateAsync(stored, new SynchronousStream(file.Content), options).GetAwaiter().GetResult();
        writer.CustomMetadata = new Dictionary<string, string>
        {
            [StoredSchema.SchemaKey] = StoredSchema.Write(schema),
            [StoredSchema.ProvenanceKey] = StoredSchema.Write(provenance ?? new Dictionary<string, string>()),
        };
    }

    /// <summary>Rows written so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds the row's next value.</summary>
    /// <returns>This writer.</returns>
    /// <exception cref="ArgumentException">The column is of another type, or the row is full.</exception>
    public TableWriter Add(int value) => AddValue(value);

    /// <inheritdoc cref="Add(int)"/>
    public TableWriter Add(long value) => AddValue(value);

    /// <inheritdoc cref="Add(int)"/>
    public TableWriter Add(float value) => AddValue(value);

    /// <inheritdoc cref="Add(int)"/>
    public TableWriter Add(double value) => AddValue(value);

    /// <inheritdoc cref="Add(int)"/>
    public TableWriter Add(bool value) => AddValue(value);

    /// <inheritdoc cref="Add(int)"/>
    public TableWriter Add(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return AddValue<string?>(value);
    }

    /// <inheritdoc cref="Add(int)"/>
    public TableWriter Add(ReadOnlySpan<float> list)
    {
        (Next() as ListColumn ?? throw Mismatch("a list")).Add(list);
        column++;
        return this;
    }

    /// <summary>Leaves the row's next column without a value.</summary>
    /// <exception cref="ArgumentException">The row is full.</exception>
    public TableWriter AddNull()
    {
        Next().AddNull();
        column++;
        return this;
    }

    /// <summary>Ends the row.</summary>
    /// <exception cref="ArgumentException">It lacks columns.</exception>
    /// <exception cref="InvalidDataException">A value of this row or a recent one is missing or not finite where the schema does not allow that.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void EndRow()
    {
        if (column != schema.Columns.Count)
        {
            throw new ArgumentException($"{path}: row {Rows} has {column} of {schema.Columns.Count} columns: '{schema.Columns[column].Name}' is next");
        }

        column = 0;
        Rows++;
        if (open[0].Count == RowsPerGroup)
        {
            WriteGroup();
        }
    }

    /// <summary>Ends the file: flushes it to the disk and gives it its name.</summary>
    /// <exception cref="InvalidDataException">As for <see cref="EndRow"/>.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Complete()
    {
        if (column != 0)
        {
            throw new ArgumentException($"{path}: row {Rows} is not ended");
        }

        if (open[0].Count > 0)
        {
            WriteGroup();
        }

        // It writes the footer, so after an error it must not be called.
        Wait(writer.DisposeAsync().AsTask());
        file.Complete();
    }

    /// <summary>Without <see cref="Complete"/> nothing is left behind.</summary>
    public void Dispose() => file.Dispose();

    private TableWriter AddValue<T>(T value)
    {
        (Next() as ColumnOf<T> ?? throw Mismatch(typeof(T).Name)).Add(value);
        column++;
        return this;
    }

    private ColumnData Next() => column < open.Length ? open[column] : throw new ArgumentException($"{path}: row {Rows} has a value too many: it has {open.Length} columns");

    private ArgumentException Mismatch(string given) => new($"{path}: column '{schema.Columns[column].Name}' holds {schema.Columns[column].Type}, not {given}");

    private void WriteGroup()
    {
        for (int i = 0; i < open.Length; i++)
        {
            Check(schema.Columns[i], open[i]);
        }

        using (ParquetRowGroupWriter group = writer.CreateRowGroup())
        {
            for (int i = 0; i < open.Length; i++)
            {
                Wait(open[i].Write(group, stored.Fields[i]));
            }

            TextBounds.Remove(group);
        }

        open = Empty();
    }

    private void Check(TableColumn declared, ColumnData values)
    {
        for (int row = 0; row < values.Count; row++)
        {
            bool missing = !declared.Optional && values.IsNull(row);
            if (missing || (!declared.AllowsNonFinite && values.IsNonFinite(row)))
            {
                string fault = missing ? "has no value and is not declared optional" : "is NaN or infinite and not declared to allow that";
                throw new InvalidDataException($"{path}: row {Rows - values.Count + row}: column '{declared.Name}' {fault}");
            }
        }
    }

    private static Field Stored(TableColumn declared) => declared.Type switch
    {
        ColumnType.Int32 => new DataField<int>(declared.Name, declared.Optional),
        ColumnType.Int64 => new DataField<long>(declared.Name, declared.Optional),
        ColumnType.Float32 => new DataField<float>(declared.Name, declared.Optional),
        ColumnType.Float64 => new DataField<double>(declared.Name, declared.Optional),
        ColumnType.Boolean => new DataField<bool>(declared.Name, declared.Optional),
        ColumnType.String => new DataField<string>(declared.Name, declared.Optional),
        _ => new ListField(declared.Name, new DataField<float>(ListField.ElementName)),
    };

    private ColumnData[] Empty() => [.. schema.Columns.Select(declared => ColumnData.Create(declared.Type))];

    // Over a SynchronousStream nothing is left to wait for.
    private void Wait(Task writing)
    {
        try
        {
            writing.GetAwaiter().GetResult();
        }
        catch (IOException exception)
        {
            throw new IOException($"{path}: cannot be written: {exception.Message}", exception) { HResult = exception.HResult };
        }
    }
}
