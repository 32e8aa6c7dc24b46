using System.Runtime.InteropServices;
using static AdaptiveKv.Tables.DuckDb.NativeMethods;

namespace AdaptiveKv.Tables.DuckDb;

/// <summary>The rows of a query, chunk by chunk as DuckDB computes them; a cancellation interrupts it.</summary>
internal sealed class ResultStream : IDisposable
{
    /// <summary>The statement type of a query that only reads (<c>DUCKDB_STATEMENT_TYPE_SELECT</c>).</summary>
    private const int Select = 1;

    private readonly ConnectionHandle connection;
    private readonly CancellationToken cancellation;
    private readonly CancellationTokenRegistration interruption;
    private StatementHandle? statement;
    private NativeResult result;

    private ResultStream(ConnectionHandle connection, CancellationToken cancellation)
    {
        (this.connection, this.cancellation) = (connection, cancellation);
        interruption = cancellation.Register(() => duckdb_interrupt(connection));
    }

    /// <summary>Names and types of the result's columns.</summary>
    public IReadOnlyList<ResultColumn> Columns { get; private set; } = [];

    /// <summary>Starts a query; the stream owns the connection.</summary>
    public static ResultStream Open(ConnectionHandle connection, string sql, CancellationToken cancellation)
    {
        var stream = new ResultStream(connection, cancellation);
        try
        {
            stream.Start(sql);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Parses a statement and looks up its names.</summary>
    /// <exception cref="DuckDbException">It is wrong, or does more than read.</exception>
    public static StatementHandle Prepare(ConnectionHandle connection, string sql)
    {
        NativeState state = duckdb_prepare(connection, sql, out StatementHandle statement);
        DuckDbException? fault =
            state != NativeState.Success ? DuckDbException.Of(duckdb_prepare_error(statement))
            : duckdb_prepared_statement_type(statement) != Select ? DuckDbException.Of("Permission Error: only a single SELECT can be run")
            : null;
        if (fault is not null)
        {
            statement.Dispose();
            throw fault;
        }

        return statement;
    }

    /// <summary>Reads the next chunk into new columns; null at the end.</summary>
    public ColumnData[]? Next()
    {
        cancellation.ThrowIfCancellationRequested();
        nint chunk = duckdb_fetch_chunk(result);
        if (chunk == 0)
        {
            return duckdb_result_error(ref result) is var error and not 0 ? throw Failure(error) : null;
        }

        try
        {
            int rows = (int)duckdb_data_chunk_get_size(chunk);
            var columns = new ColumnData[Columns.Count];
            for (int i = 0; i < columns.Length; i++)
            {
                columns[i] = ColumnData.Create(Columns[i].Type, rows);
                columns[i].Take(new Vector(duckdb_data_chunk_get_vector(chunk, (ulong)i)), rows);
            }

            return columns;
        }
        finally
        {
            duckdb_destroy_data_chunk(ref chunk);
        }
    }

    public void Dispose()
    {
        interruption.Dispose();
        duckdb_destroy_result(ref result);
        statement?.Dispose();
        connection.Dispose();
    }

    private void Start(string sql)
    {
        statement = Prepare(connection, sql);
        cancellation.ThrowIfCancellationRequested();
        NativeState state = duckdb_pending_prepared_streaming(statement, out nint pending);
        try
        {
            if (state != NativeState.Success)
            {
                throw Failure(duckdb_pending_error(pending));
            }

            if (duckdb_execute_pending(pending, ref result) != NativeState.Success)
            {
                throw Failure(duckdb_result_error(ref result));
            }
        }
        finally
        {
            duckdb_destroy_pending(ref pending);
        }

        Columns = [.. Enumerable.Range(0, (int)duckdb_column_count(ref result)).Select(Column)];
    }

    private ResultColumn Column(int index)
    {
        nint type = duckdb_column_logical_type(ref result, (ulong)index);
        try
        {
            return new ResultColumn(Marshal.PtrToStringUTF8(duckdb_column_name(ref result, (ulong)index)) ?? string.Empty, LogicalType.Read(type));
        }
        finally
        {
            duckdb_destroy_logical_type(ref type);
        }
    }


    private Exception Failure(nint error) => cancellation.IsCancellationRequested ? new OperationCanceledException(cancellation) : DuckDbException.Of(error);
}
