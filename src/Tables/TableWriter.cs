using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>
/// Writes a table to a Parquet file (zstd), row by row or by columns, in constant memory. The file appears under its name with
/// <see cref="Complete"/>, whole and flushed to the disk, or not at all. The same rows give the same bytes.
/// </summary>
/// <example><code>
/// using TableWriter writer = new("tokens.parquet", schema);
/// writer.Add(item).Add(position).Add(loss).EndRow();
/// writer.Complete();
/// </code></example>
public sealed class TableWriter : IDisposable
{
    private readonly string path;
    private readonly TableSchema schema;
    private readonly ParquetSink sink;
    private readonly int capacity;
    private ColumnData[] open;
    private int column;

    /// <summary>Starts a file.</summary>
    /// <param name="path">Where it will be; a file that is there is replaced at the end.</param>
    /// <param name="schema">Its columns.</param>
    /// <param name="provenance">Where the rows come from (hashes, seeds, versions), kept in the file.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public TableWriter(string path, TableSchema schema, IReadOnlyDictionary<string, string>? provenance = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        (this.path, this.schema) = (path, schema);
        sink = new ParquetSink(path, schema, provenance ?? new Dictionary<string, string>());
        capacity = RowSource.RowsPerChunk;
        open = Empty();
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
        Flush(full: true);
    }

    /// <summary>Adds rows by columns: one array per column, of its element type (int[], long[], float[], double[], bool[], string[], float[][]), all of one length.</summary>
    /// <exception cref="ArgumentException">The arrays do not fit the columns, or a row has been begun.</exception>
    /// <exception cref="InvalidDataException">As for <see cref="EndRow"/>.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void AddColumns(params IReadOnlyList<Array> columns)
    {
        if (column != 0 || columns.Count != schema.Columns.Count || columns.Any(other => other.Length != columns[0].Length))
        {
            throw new ArgumentException($"{path}: {schema.Columns.Count} arrays of one length are needed, and no row begun");
        }

        int taken;
        for (int done = 0; done < columns[0].Length; done += taken)
        {
            taken = Math.Min(columns[0].Length - done, capacity - open[0].Count);
            for (; column < columns.Count; column++)
            {
                if (columns[column].GetType() != open[column].ArrayType)
                {
                    throw Mismatch(columns[column].GetType().Name);
                }

                open[column].Add(columns[column], done, taken);
            }

            column = 0;
            Rows += taken;
            Flush(full: true);
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

        Flush(full: false);
        sink.Complete();
    }

    /// <summary>Without <see cref="Complete"/> nothing is left behind.</summary>
    public void Dispose() => sink.Dispose();

    private TableWriter AddValue<T>(T value)
    {
        (Next() as ColumnOf<T> ?? throw Mismatch(typeof(T).Name)).Add(value);
        column++;
        return this;
    }

    private ColumnData Next() => column < open.Length ? open[column] : throw new ArgumentException($"{path}: row {Rows} has a value too many: it has {open.Length} columns");

    private ArgumentException Mismatch(string given) => new($"{path}: column '{schema.Columns[column].Name}' holds {schema.Columns[column].Type}, not {given}");

    private void Flush(bool full)
    {
        int count = open[0].Count;
        if (count == 0 || (full && count < capacity))
        {
            return;
        }

        for (int i = 0; i < open.Length; i++)
        {
            Check(schema.Columns[i], open[i]);
        }

        sink.Add(open);
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

    private ColumnData[] Empty() => [.. schema.Columns.Select(declared => ColumnData.Create(declared.Type, capacity))];
}
