using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AdaptiveKv.Files;

namespace AdaptiveKv.Data.Sql;

/// <summary>
/// The package that DuckDB's library comes in: a tarball of the npm registry, pinned by version and SHA-512. It is one version
/// for all systems, so that a query has one result.
/// </summary>
public sealed class DuckDbPackage
{
    /// <summary>DuckDB's version.</summary>
    public const string Version = "1.5.5";

    private const string PackageVersion = Version + "-r.5";

    private readonly string platform;
    private readonly string library;
    private readonly string sha512;
    private readonly string librarySha256;
    private readonly string? cache;
    private bool isVerified;

    /// <param name="bytes">Size of the package.</param>
    /// <param name="platform">As npm calls it.</param>
    /// <param name="library">The library's file name.</param>
    /// <param name="sha512">Of the package.</param>
    /// <param name="librarySha256">Of the library in it.</param>
    /// <param name="cache">Where it is installed; the user's cache if null.</param>
    internal DuckDbPackage(int bytes, string platform, string library, string sha512, string librarySha256, string? cache = null) =>
        (Bytes, this.platform, this.library, this.sha512, this.librarySha256, this.cache) = (bytes, platform, library, sha512, librarySha256, cache);

    /// <summary>Size of the package.</summary>
    public int Bytes { get; }

    /// <summary>The package of this system and processor; null where none is pinned.</summary>
    public static DuckDbPackage? ForThisMachine { get; } = Find();

    /// <summary>What npm calls it: "@duckdb/node-bindings-linux-x64@1.5.5-r.5".</summary>
    public string Name => $"@duckdb/node-bindings-{platform}@{PackageVersion}";

    /// <summary>Where the library lies once it is installed, in the user's cache.</summary>
    /// <exception cref="FormatException">The user has none.</exception>
    public string LibraryPath => Path.Combine(cache ?? UserCache.Folder, "akv", "native", $"duckdb-{PackageVersion}", library);

    /// <summary>Whether it is, byte for byte: a library that was truncated or changed would crash the process that loads it, or worse.</summary>
    /// <exception cref="FormatException">The user has no cache.</exception>
    public bool IsInstalled => isVerified = isVerified || (File.Exists(LibraryPath) && Sha256(LibraryPath) == librarySha256);

    /// <summary>Where a registry has the package.</summary>
    /// <param name="registry">Such as "https://registry.npmjs.org".</param>
    public Uri AddressAt(string registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        return new Uri($"{registry.TrimEnd('/')}/@duckdb/node-bindings-{platform}/-/node-bindings-{platform}-{PackageVersion}.tgz");
    }

    /// <summary>Makes sure that the library can be installed, before much is fetched.</summary>
    /// <exception cref="IOException">Its folder cannot be written; the message names the variable to set.</exception>
    public void RequireFolder()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(LibraryPath)!);
            OutputFile.Require(LibraryPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{Path.GetDirectoryName(LibraryPath)} cannot be written ({exception.Message.TrimEnd('.')}): set {UserCache.Variable} to the full path of a folder that can", exception);
        }
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

        string entryName = $"package/{library}";
        using var content = new TarReader(new GZipStream(new MemoryStream(package), CompressionMode.Decompress));
        while (content.GetNextEntry() is { } entry)
        {
            if (entry.Name == entryName)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(LibraryPath)!);
                OutputFile.Write(LibraryPath, stream => entry.DataStream!.CopyTo(stream));
                return;
            }
        }

        throw new InvalidDataException($"{Name}: the package holds no {entryName}");
    }

    private static string Sha256(string path)
    {
        using FileStream content = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        return Convert.ToBase64String(SHA256.HashData(content));
    }

    private static DuckDbPackage? Find()
    {
        (int bytes, string? platform, string library, string sha512, string librarySha256) = (System(), RuntimeInformation.ProcessArchitecture) switch
        {
            ("linux", Architecture.X64) => (23_881_820, "linux-x64", "libduckdb.so", "kCyq6BXhn6QXfwF8yVdVKriSSHP+rfVWcJ56cG8qZzlOZpxyvT5WGm6jMshxg4ditLlOsHsIN/D47RYrcjXuHQ==", "/CPxLjdsR75SD3UiEogoGQbnlC6P1vbOSEkZi6YNBAU="),
            ("linux", Architecture.Arm64) => (21_632_048, "linux-arm64", "libduckdb.so", "CafH2AIvXtpwDynG3KB/4uEOHRGlFoB7auCRMIwH3BKNIobsANV5LSpDJ3tfyRCFIsK6e8AT1eseWVnu2Dv3cw==", "0A0Afz98ofKJal5LicLOFBvwUIUGqdbVb5WYuOWdB04="),
            ("macos", Architecture.X64) => (36_788_664, "darwin-x64", "libduckdb.dylib", "rN0KjX13MwVQ5V5ufykolty/tf4SaafOpGWcUA1Cegf98jPeRdsJsEE1IMXn8n3u6WvMSZEVJmHJ3ma4Hr7Vzg==", "uQJ9GO8+jZYFaPd+lGqDymgAnLItcc9/lN6EKv3QlNg="),
            ("macos", Architecture.Arm64) => (36_788_031, "darwin-arm64", "libduckdb.dylib", "WJdeLTFy4pRg60rkbp9smtlP1iIQ8ErtIJkxS+2LQtM1ZZMSByyW+3WPpNoKe7IwPtVl2fLlPw7tDmQW4Z974g==", "uQJ9GO8+jZYFaPd+lGqDymgAnLItcc9/lN6EKv3QlNg="),
            ("windows", Architecture.X64) => (13_549_050, "win32-x64", "duckdb.dll", "mBGFn8netT/AAhK4TOG6Fw47+Db68CxCVtQ9qfxZc1kZAjds+aYrh17Fd/u5CbTDdxILsrcyuF8q9cUcm54kQA==", "K3RopK2ERCnmry/eC1+RiT6BMKVoaojxFEKrVHx+3kY="),
            _ => (0, null, string.Empty, string.Empty, string.Empty),
        };
        return platform is null ? null : new DuckDbPackage(bytes, platform, library, sha512, librarySha256);
    }

    // The packages are built for glibc; musl has others.
    private static string System() =>
        OperatingSystem.IsWindows() ? "windows"
        : OperatingSystem.IsMacOS() ? "macos"
        : OperatingSystem.IsLinux() && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux"
        : "other";
}
