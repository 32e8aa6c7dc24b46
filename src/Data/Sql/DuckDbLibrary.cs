using System.Runtime.InteropServices;
using DuckDB.NET.Native;

namespace AdaptiveKv.Data.Sql;

/// <summary>Finds and loads DuckDB's native library: $AKV_DUCKDB, else what <see cref="DuckDbPackage"/> installed.</summary>
public static unsafe class DuckDbLibrary
{
    /// <summary>The environment variable that names another copy of the library.</summary>
    public const string Variable = "AKV_DUCKDB";

    // What DuckDB.NET calls it.
    private const string ImportName = "duckdb";

    private static readonly Lock Guard = new();
    private static nint loaded;

    /// <summary>The file that would be loaded; null where there is none, or a damaged one.</summary>
    /// <exception cref="FormatException">The variable names none that is the same in every folder, or there is no folder to look in.</exception>
    public static string? Location =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set
            ? Path.IsPathFullyQualified(set) ? set : throw new FormatException($"{Variable} is '{set}', which depends on the current folder: set it to a full path")
        : DuckDbPackage.ForThisMachine is { IsInstalled: true } package ? package.LibraryPath
        : null;

    /// <summary>Loads the library once.</summary>
    /// <exception cref="FileNotFoundException">It is not installed.</exception>
    /// <exception cref="IOException">The file is no library of this system, or another version.</exception>
    public static void Load()
    {
        lock (Guard)
        {
            if (loaded != 0)
            {
                return;
            }

            nint library = Open(Location ?? throw new FileNotFoundException(
                $"DuckDB {DuckDbPackage.Version}, which runs SQL over tables, is not installed: run './akv setup', or set {Variable} to its library"));
            NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, (name, _, _) => name == ImportName ? library : 0);
            loaded = library;
        }
    }

    private static string Remedy =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } ? $"unset {Variable} and run './akv setup'" : "delete it and run './akv setup'";

    private static nint Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file: {Variable} must name DuckDB's library; unset it to use the one of './akv setup'");
        }

        try
        {
            nint library = NativeLibrary.Load(path);
            var version = (delegate* unmanaged[Cdecl]<nint>)NativeLibrary.GetExport(library, "duckdb_library_version");
            string found = Marshal.PtrToStringUTF8(version()) ?? string.Empty;
            return IsUsable(found) ? library : throw new IOException($"{path}: this is DuckDB {found}, {DuckDbPackage.Version} is needed: {Remedy}");
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new IOException($"{path}: not DuckDB's library for this system: {Remedy}", exception);
        }
    }

    // Patch releases keep the C API and the file format.
    private static bool IsUsable(string version) => version.StartsWith($"v{DuckDbPackage.Version[..DuckDbPackage.Version.LastIndexOf('.')]}.", StringComparison.Ordinal);
}
