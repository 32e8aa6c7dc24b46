using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using AdaptiveKv.Data.Sql;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Data.Sql;

public sealed class DuckDbPackageTests : IDisposable
{
    private readonly TemporaryFolder cache = new();

    public void Dispose() => cache.Dispose();

    [Fact]
    public void TheLibraryIsTakenOutOfThePackage()
    {
        byte[] tarball = Tarball("package/README.md", "package/libduckdb.so");
        DuckDbPackage package = Pinned(tarball);
        Assert.False(package.IsInstalled);

        package.Install(tarball);
        package.Install(tarball);

        Assert.True(package.IsInstalled);
        Assert.Equal("package/libduckdb.so", File.ReadAllText(package.LibraryPath));
        Assert.StartsWith(Path.Combine(cache.Path, "akv", "native"), package.LibraryPath, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(package.LibraryPath)!));
    }

    [Fact]
    public void AnotherPackageIsRefused()
    {
        DuckDbPackage package = Pinned([1, 2, 3]);

        var refused = Assert.Throws<InvalidDataException>(() => package.Install(Tarball("package/libduckdb.so")));

        Assert.Contains("expected " + Convert.ToBase64String(SHA512.HashData([1, 2, 3])), refused.Message, StringComparison.Ordinal);
        Assert.False(package.IsInstalled);
    }

    [Fact]
    public void APackageWithoutTheLibraryIsRefused()
    {
        byte[] tarball = Tarball("package/duckdb.node");

        Assert.Contains("holds no package/libduckdb.so", Assert.Throws<InvalidDataException>(() => Pinned(tarball).Install(tarball)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheAddressIsThatOfTheRegistry() => Assert.Equal(
        $"https://mirror.example/npm/@duckdb/node-bindings-linux-x64/-/node-bindings-linux-x64-{DuckDbPackage.Version}-r.5.tgz",
        Pinned([]).AddressAt("https://mirror.example/npm/").ToString());

    [Fact]
    public void ADamagedLibraryIsNotInstalled()
    {
        byte[] tarball = Tarball("package/libduckdb.so");
        DuckDbPackage package = Pinned(tarball);
        package.Install(tarball);
        byte[] whole = File.ReadAllBytes(package.LibraryPath);

        foreach (byte[] damaged in (byte[][])[[], whole[..^1], [.. whole, 0], [(byte)(whole[0] ^ 1), .. whole[1..]]])
        {
            File.WriteAllBytes(package.LibraryPath, damaged);
            DuckDbPackage again = Pinned(tarball);
            Assert.False(again.IsInstalled);
            again.Install(tarball);
            Assert.True(again.IsInstalled);
        }
    }

    [Fact]
    public void AFolderThatCannotBeWrittenIsRefusedBeforeAnythingIsFetched()
    {
        // A file in the way stands for any reason, since root may write everywhere.
        File.WriteAllText(Path.Combine(cache.Path, "akv"), "");

        string message = Assert.Throws<IOException>(Pinned([]).RequireFolder).Message;
        Assert.StartsWith(Path.Combine(cache.Path, "akv"), message, StringComparison.Ordinal);
        Assert.Contains("set XDG_CACHE_HOME", message, StringComparison.Ordinal);
    }

    // The content of an entry is its name.
    private DuckDbPackage Pinned(byte[] tarball) =>
        new(tarball.Length, "linux-x64", "libduckdb.so", Convert.ToBase64String(SHA512.HashData(tarball)), Convert.ToBase64String(SHA256.HashData("package/libduckdb.so"u8)), cache.Path);

    private static byte[] Tarball(params string[] entries)
    {
        using MemoryStream content = new();
        using (GZipStream compressed = new(content, CompressionMode.Compress, leaveOpen: true))
        using (TarWriter tar = new(compressed))
        {
            foreach (string name in entries)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(name)) });
            }
        }

        return content.ToArray();
    }
}
