using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AdaptiveKv.Tables.DuckDb;

/// <summary>
/// The package that DuckDB's library comes in: a tarball of the npm registry, pinned by version and SHA-512. It is one version
/// for all systems, since a file's bytes depend on it.
/// </summary>
public sealed class DuckDbPackage
{
    /// <summary>DuckDB's version.</summary>
    public const string Version = "1.5.5";

    private const string PackageVersion = Version + "-r.5";

    private readonly string platform;
    private readonly string sha512;

    internal DuckDbPackage(string platform, string library, string sha512, string cache)
    {
        (this.platform, this.sha512) = (platform, sha512);
        LibraryPath = Path.Combine(cache, "akv", "native", $"duckdb-{PackageVersion}", library);
    }

    /// <summary>The package of this system and processor; null where none is pinned.</summary>
    public static DuckDbPackage? ForThisMachine { get; } = Find();

    /// <summary>What npm calls it: "@duckdb/node-bindings-linux-x64@1.5.5-r.5".</summary>
    public string Name => $"@duckdb/node-bindings-{platform}@{PackageVersion}";

    /// <summary>Where the library lies once it is installed, in the user's cache.</summary>
    public string LibraryPath { get; }

    /// <summary>Whether it is.</summary>
    public bool IsInstalled => File.Exists(LibraryPath);

    /// <summary>Where a registry has the package.</summary>
    /// <param name="registry">Such as "https://registry.npmjs.org".</param>
    public Uri AddressAt(string registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return new Uri($"{registry.TrimEnd('/')}/@duckdb/node-bindings-{platform}/-/node-bindings-{platform}-{PackageVersion}.tgz");
    }

    /// <summary>Takes the library out of the package; it appears under its name whole or not at all.</summary>
    /// <param name="package">The tarball.</param>
    /// <exception cref="InvalidDataException">It is not the pinned one.</exception>
    public void Install(byte[] package)
    {
        string actual = Convert.ToBase64String(SHA512.HashData(package));
        if (actual != sha512)
        {
            throw new InvalidDataException($"{Name}: the package has SHA-512 {actual}, expected {sha512}: nothing was installed; try again or use another registry (NPM_CONFIG_REGISTRY)");
        }

        string entryName = $"package/{Path.GetFileName(LibraryPath)}";
        using var content = new TarReader(new GZipStream(new MemoryStream(package), CompressionMode.Decompress));
        while (content.GetNextEntry() is { } entry)
        {
            if (entry.Name == entryName)
            {
                string temporary = $"{LibraryPath}.{Environment.ProcessId}.tmp";
                Directory.CreateDirectory(Path.GetDirectoryName(LibraryPath)!);
                entry.ExtractToFile(temporary, overwrite: true);
                File.Move(temporary, LibraryPath, overwrite: true);
                return;
            }
        }

        throw new InvalidDataException($"{Name}: the package holds no {entryName}");
    }

    private static DuckDbPackage? Find()
    {
        (string? platform, string library, string sha512) = (System(), RuntimeInformation.ProcessArchitecture) switch
        {
            ("linux", Architecture.X64) => ("linux-x64", "libduckdb.so", "kCyq6BXhn6QXfwF8yVdVKriSSHP+rfVWcJ56cG8qZzlOZpxyvT5WGm6jMshxg4ditLlOsHsIN/D47RYrcjXuHQ=="),
            ("linux", Architecture.Arm64) => ("linux-arm64", "libduckdb.so", "CafH2AIvXtpwDynG3KB/4uEOHRGlFoB7auCRMIwH3BKNIobsANV5LSpDJ3tfyRCFIsK6e8AT1eseWVnu2Dv3cw=="),
            ("macos", Architecture.X64) => ("darwin-x64", "libduckdb.dylib", "rN0KjX13MwVQ5V5ufykolty/tf4SaafOpGWcUA1Cegf98jPeRdsJsEE1IMXn8n3u6WvMSZEVJmHJ3ma4Hr7Vzg=="),
            ("macos", Architecture.Arm64) => ("darwin-arm64", "libduckdb.dylib", "WJdeLTFy4pRg60rkbp9smtlP1iIQ8ErtIJkxS+2LQtM1ZZMSByyW+3WPpNoKe7IwPtVl2fLlPw7tDmQW4Z974g=="),
            ("windows", Architecture.X64) => ("win32-x64", "duckdb.dll", "mBGFn8netT/AAhK4TOG6Fw47+Db68CxCVtQ9qfxZc1kZAjds+aYrh17Fd/u5CbTDdxILsrcyuF8q9cUcm54kQA=="),
            _ => (null, string.Empty, string.Empty),
        };
        return platform is null ? null : new DuckDbPackage(platform, library, sha512, Cache());
    }

    // The packages are built for glibc; musl has others.
    private static string System() =>
        OperatingSystem.IsWindows() ? "windows"
        : OperatingSystem.IsMacOS() ? "macos"
        : OperatingSystem.IsLinux() && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux"
        : "other";

    private static string Cache() =>
        OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
}
