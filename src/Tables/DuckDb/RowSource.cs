using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static AdaptiveKv.Tables.DuckDb.NativeMethods;

namespace AdaptiveKv.Tables.DuckDb;

/// <summary>A table function of SQL whose rows come from this program: DuckDB calls back for one chunk after the other.</summary>
/// <param name="columns">Names and types of the rows.</param>
/// <param name="next">The next chunk, of at most <see cref="RowsPerChunk"/> rows; null at the end. What it throws ends the statement.</param>
internal sealed unsafe class RowSource(IReadOnlyList<ResultColumn> columns, Func<ColumnData[]?> next)
{
    /// <summary>The function's name.</summary>
    public const string Name = "akv_rows";

    /// <summary>Rows of a chunk that DuckDB takes at once.</summary>
    public static int RowsPerChunk => (int)duckdb_vector_size();

    /// <summary>Makes the function known to a connection's database, for its whole life.</summary>
    public void Register(ConnectionHandle connection)
    {
        nint function = duckdb_create_table_function();
        try
        {
            duckdb_table_function_set_name(function, Name);
            duckdb_table_function_set_extra_info(function, GCHandle.ToIntPtr(GCHandle.Alloc(this)), &Release);
            duckdb_table_function_set_bind(function, &Bind);
            duckdb_table_function_set_init(function, &Initialize);
            duckdb_table_function_set_function(function, &Fill);
            if (duckdb_register_table_function(connection, function) != NativeState.Success)
            {
                throw DuckDbException.Of("Catalog Error: the row source was not accepted");
            }
        }
        finally
        {
            duckdb_destroy_table_function(ref function);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint info) => GCHandle.FromIntPtr(info).Free();

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Bind(nint info)
    {
        try
        {
            foreach (ResultColumn column in Of(duckdb_bind_get_extra_info(info)).Columns)
            {
                nint type = LogicalType.Create(column.Type);
                duckdb_bind_add_result_column(info, column.Name, type);
                duckdb_destroy_logical_type(ref type);
            }
        }
#pragma warning disable CA1031 // No exception may pass through native frames: it would end the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            duckdb_bind_set_error(info, exception.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Initialize(nint info) => duckdb_init_set_max_threads(info, 1);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Fill(nint info, nint chunk)
    {
        try
        {
            ColumnData[]? rows = Of(duckdb_function_get_extra_info(info)).Next();
            for (int i = 0; rows is not null && i < rows.Length; i++)
            {
                rows[i].Give(new Vector(duckdb_data_chunk_get_vector(chunk, (ulong)i)));
            }

            duckdb_data_chunk_set_size(chunk, (ulong)(rows?[0].Count ?? 0));
        }
#pragma warning disable CA1031 // As above.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            duckdb_function_set_error(info, exception.Message);
        }
    }

    private static RowSource Of(nint info) => (RowSource)GCHandle.FromIntPtr(info).Target!;

    private IReadOnlyList<ResultColumn> Columns => columns;

    private ColumnData[]? Next() => next();
}
