using System.Globalization;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace AdaptiveKv.Data.Sql;

/// <summary>
/// An empty database in memory that can touch the given files and nothing else: no other file, no network, no extension, no change of these
/// limits. It works on one thread, so that every result is the same on any machine.
/// </summary>
internal sealed class Database : IDisposable
{
    /// <summary>Bytes it may use; a query that needs more fails. Reading needs a tenth of it, unless rows are very long.</summary>
    public const long Memory = 512L << 20;

    private readonly DuckDBConnection connection;

    private Database(DuckDBConnection connection) => this.connection = connection;

    /// <summary>Opens it.</summary>
    /// <param name="files">The files it may read.</param>
    public static Database Open(params IEnumerable<string> files)
    {
        DuckDbLibrary.Load();
        DuckDBConnectionStringBuilder settings = new()
        {
            DataSource = DuckDBConnectionStringBuilder.InMemoryDataSource,
            Threads = 1,
            MemoryLimit = Memory.ToString(CultureInfo.InvariantCulture) + "B",
        };
        var database = new Database(new DuckDBConnection(settings.ConnectionString));
        try
        {
            database.connection.Open();
            database.Execute($"""
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

    /// <summary>Runs a query and reads its rows as they are computed: the columns' names, and values as rows have them. One query at a time.</summary>
    /// <exception cref="SqlFault">It is wrong, or its data are.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public (IReadOnlyList<string> Columns, IEnumerable<object?[]> Rows) Query(string sql, CancellationToken cancellation)
    {
        DuckDBCommand command = connection.CreateCommand();
        (command.CommandText, command.UseStreamingMode) = (sql, true);
        CancellationTokenRegistration interruption = cancellation.Register(command.Cancel);
        try
        {
            DuckDBDataReader reader = Guarded(command.ExecuteReader, cancellation);
            return ([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)], Rows(command, reader, interruption, cancellation));
        }
        catch
        {
            interruption.Dispose();
            command.Dispose();
            throw;
        }
    }

    /// <summary>Refuses what is not one statement; does not run it.</summary>
    /// <exception cref="SqlFault">There are several, or none, or something in it is wrong.</exception>
    public void RequireOneStatement(string sql)
    {
        DuckDBState state = NativeMethods.PreparedStatements.DuckDBPrepare(connection.NativeConnection, sql, out DuckDBPreparedStatement statement);
        using (statement)
        {
            if (state != DuckDBState.Success)
            {
                throw SqlFault.Of(NativeMethods.PreparedStatements.DuckDBPrepareError(statement));
            }
        }
    }

    /// <summary>Runs statements to their end.</summary>
    /// <exception cref="SqlFault">One is wrong.</exception>
    public void Execute(string statements)
    {
        using DuckDBCommand command = connection.CreateCommand();
        command.CommandText = statements;
        Guarded(command.ExecuteNonQuery, default);
    }

    public void Dispose() => connection.Dispose();

    private static IEnumerable<object?[]> Rows(DuckDBCommand command, DuckDBDataReader reader, CancellationTokenRegistration interruption, CancellationToken cancellation)
    {
        using (command)
        using (reader)
        using (interruption)
        {
            while (Guarded(reader.Read, cancellation))
            {
                yield return Guarded(() => Enumerable.Range(0, reader.FieldCount).Select(i => Value(reader, i)).ToArray(), cancellation);
            }
        }
    }

    private static object? Value(DuckDBDataReader reader, int column) =>
        reader.IsDBNull(column) ? null
        : reader.GetFieldType(column) == typeof(List<float>) ? reader.GetFieldValue<List<float?>>(column).Select(element => element ?? float.NaN).ToArray()
        : reader.GetValue(column);

    private static T Guarded<T>(Func<T> use, CancellationToken cancellation)
    {
        try
        {
            return use();
        }
        catch (DuckDBException exception)
        {
            throw cancellation.IsCancellationRequested ? new OperationCanceledException(cancellation) : SqlFault.Of(exception.Message, exception);
        }
    }
}
