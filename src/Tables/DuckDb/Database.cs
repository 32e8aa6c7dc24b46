using System.Globalization;
using System.Runtime.InteropServices;
using static AdaptiveKv.Tables.DuckDb.NativeMethods;

namespace AdaptiveKv.Tables.DuckDb;

/// <summary>
/// An empty database in memory that can touch the given files and nothing else: no other file, no network, no extension, no change of these
/// limits. It works on one thread, which makes every result and every written byte the same on any machine.
/// </summary>
internal sealed class Database : IDisposable
{
    /// <summary>Bytes it may use; a query that needs more fails. Reading and writing need a tenth of it, unless rows are very long.</summary>
    public const long Memory = 512L << 20;

    private readonly DatabaseHandle handle;

    private Database(DatabaseHandle handle) => this.handle = handle;

    /// <summary>Opens it.</summary>
    /// <param name="files">The files it may read and write.</param>
    public static Database Open(params IEnumerable<string> files)
    {
        DuckDbLibrary.Load();
        var database = new Database(Start());
        try
        {
            using ConnectionHandle connection = database.Connect();
            Execute(connection, $"""
                SET autoinstall_known_extensions = false;
                SET autoload_known_extensions = false;
                SET temp_directory = '';
                SET enable_external_file_cache = false;
                SET allowed_paths = {SqlText.List(files.SelectMany(IEnumerable<string> (file) => [Path.GetFullPath(file), SqlText.Pattern(file)]).Distinct())};
                SET enable_external_access = false;
                SET lock_configuration = true;
                """);
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>A connection of its own for each statement, so that open results do not disturb each other.</summary>
    public ConnectionHandle Connect() =>
        duckdb_connect(handle, out ConnectionHandle connection) == NativeState.Success ? connection : throw DuckDbException.Of("Connection Error: no connection to the database");

    /// <summary>Runs a query and reads its result as it is computed.</summary>
    public ResultStream Query(string sql, CancellationToken cancellation = default) => ResultStream.Open(Connect(), sql, cancellation);

    /// <summary>Refuses what is not one statement that only reads; does not run it.</summary>
    /// <exception cref="DuckDbException">It is another statement, several, or wrong.</exception>
    public void RequireSelect(string sql)
    {
        using ConnectionHandle connection = Connect();
        ResultStream.Prepare(connection, sql).Dispose();
    }

    /// <summary>Runs statements to their end.</summary>
    public static void Execute(ConnectionHandle connection, string statements)
    {
        NativeResult result = default;
        try
        {
            if (duckdb_query(connection, statements, ref result) != NativeState.Success)
            {
                throw DuckDbException.Of(duckdb_result_error(ref result));
            }
        }
        finally
        {
            duckdb_destroy_result(ref result);
        }
    }

    public void Dispose() => handle.Dispose();

    private static DatabaseHandle Start()
    {
        if (duckdb_create_config(out nint config) != NativeState.Success)
        {
            throw new OutOfMemoryException();
        }

        try
        {
            duckdb_set_config(config, "threads", "1");
            duckdb_set_config(config, "memory_limit", Memory.ToString(CultureInfo.InvariantCulture) + "B");
            if (duckdb_open_ext(null, out DatabaseHandle handle, config, out nint error) == NativeState.Success)
            {
                return handle;
            }

            string message = Marshal.PtrToStringUTF8(error) ?? string.Empty;
            duckdb_free(error);
            throw DuckDbException.Of(message);
        }
        finally
        {
            duckdb_destroy_config(ref config);
        }
    }
}
