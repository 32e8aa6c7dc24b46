using System.Collections.Concurrent;
using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>
/// Turns chunks of rows into a Parquet file. DuckDB pulls rows, while a writer is pushed them: its COPY statement runs on a thread of its own
/// and waits for the next chunk.
/// </summary>
internal sealed class ParquetSink : IDisposable
{
    // A multiple of DuckDB's chunks: groups are cut between chunks, so that all but the last one have this size.
    private const int RowsPerGroup = 65_536;

    // One chunk is being written while the next is filled.
    private const int ChunksInFlight = 2;

    private readonly string path;
    private readonly string temporary;
    private readonly Database database;
    private readonly Thread copying;
    private readonly BlockingCollection<ColumnData[]> chunks = new(ChunksInFlight);
    private readonly CancellationTokenSource ended = new();
    private Exception? failure;
    private volatile bool abandoned;

    /// <summary>Starts writing to a private name beside <paramref name="path"/>.</summary>
    public ParquetSink(string path, TableSchema schema, IReadOnlyDictionary<string, string> provenance)
    {
        string full = Path.GetFullPath(path);
        if (!Directory.Exists(Path.GetDirectoryName(full)))
        {
            throw new DirectoryNotFoundException($"{path}: its folder does not exist: create it first");
        }

        this.path = path;
        temporary = $"{full}.{Environment.ProcessId}.tmp";
        database = Database.Open(temporary);
        string statement = $"""
            COPY (SELECT * FROM {RowSource.Name}()) TO {SqlText.Literal(temporary)} (
                FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {RowsPerGroup}, USE_TMP_FILE false,
                KV_METADATA {SqlText.Struct([(StoredSchema.SchemaKey, StoredSchema.Write(schema)), (StoredSchema.ProvenanceKey, StoredSchema.Write(provenance))])})
            """;
        ResultColumn[] columns = [.. schema.Columns.Select(column => new ResultColumn(column.Name, column.Type))];
        copying = new Thread(() => Copy(new RowSource(columns, Next), statement)) { IsBackground = true, Name = "parquet" };
        copying.Start();
    }

    /// <summary>Hands over rows; the sink owns them from then on.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Add(ColumnData[] chunk)
    {
        try
        {
            chunks.Add(chunk, ended.Token);
        }
        catch (OperationCanceledException)
        {
            throw Failure();
        }
    }

    /// <summary>Ends the file, flushes it to the disk and gives it its name.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Complete()
    {
        chunks.CompleteAdding();
        copying.Join();
        if (failure is not null)
        {
            throw Failure();
        }

        using (Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(temporary, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Without <see cref="Complete"/> nothing is left behind.</summary>
    public void Dispose()
    {
        abandoned = true;
        chunks.CompleteAdding();
        copying.Join();
        database.Dispose();
        chunks.Dispose();
        ended.Dispose();
        File.Delete(temporary);
    }

    private void Copy(RowSource source, string statement)
    {
        try
        {
            using ConnectionHandle connection = database.Connect();
            source.Register(connection);
            Database.Execute(connection, statement);
        }
#pragma warning disable CA1031 // It is thrown where the writer waits.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        ended.Cancel();
    }

    private ColumnData[]? Next() =>
        chunks.TryTake(out ColumnData[]? chunk, Timeout.Infinite) ? chunk
        : abandoned ? throw new OperationCanceledException("the table was abandoned")
        : null;

    private IOException Failure()
    {
        copying.Join();
        string message = failure is null ? "the table is complete" : failure.Message;
        return new IOException($"{path}: cannot be written: {message}", failure) { HResult = SystemError(message) };
    }

    // DuckDB reports the system's words and not its number; callers tell a full disk from other errors by the number.
    private static int SystemError(string message) =>
        message.Contains("No space left on device", StringComparison.Ordinal) ? 28
        : message.Contains("Disk quota exceeded", StringComparison.Ordinal) ? 122
        : message.Contains("not enough space on the disk", StringComparison.Ordinal) ? unchecked((int)0x80070070)
        : new IOException().HResult;
}
