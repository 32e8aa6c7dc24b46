using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Setup;
using AdaptiveKv.Data.Sql;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Cli.Setup;

public sealed class DuckDbSetupTests : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly TemporaryFolder cache = new();
    private readonly TcpListener registry = new(IPAddress.Loopback, 0);

    public void Dispose()
    {
        registry.Dispose();
        cache.Dispose();
        terminal.Dispose();
    }

    [Fact]
    public void AnUnreachableRegistryIsNamedWithTheWayAround()
    {
        registry.Start();
        Uri address = Address();
        registry.Stop();

        string message = Assert.Throws<FileNotFoundException>(() => DuckDbSetup.Fetch(Package([]), address, new StageReporter(terminal.Terminal), CancellationToken.None)).Message;
        Assert.StartsWith($"{address} cannot be fetched (", message, StringComparison.Ordinal);
        Assert.Contains($"'npm pack @duckdb/node-bindings-linux-x64@{DuckDbPackage.Version}", message, StringComparison.Ordinal);
        Assert.Contains("set AKV_DUCKDB to its libduckdb.so", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARefusalOfTheRegistryIsNamed()
    {
        Serve("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");

        Assert.Contains("404", Assert.Throws<FileNotFoundException>(() => DuckDbSetup.Fetch(Package([]), Address(), new StageReporter(terminal.Terminal), CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNotThePinnedPackageIsNotInstalled()
    {
        Serve("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother");
        DuckDbPackage package = Package("right"u8.ToArray());

        Assert.Contains("nothing was installed", Assert.Throws<InvalidDataException>(() => DuckDbSetup.Fetch(package, Address(), new StageReporter(terminal.Terminal), CancellationToken.None)).Message, StringComparison.Ordinal);
        Assert.False(package.IsInstalled);
        Assert.StartsWith("SQL over tables needs DuckDB", terminal.ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void ADamagedLibraryIsFetchedAgainAndSaysSo()
    {
        Serve("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother");
        DuckDbPackage package = Package("right"u8.ToArray());
        package.RequireFolder();
        File.WriteAllText(package.LibraryPath, "half of it");

        Assert.Throws<InvalidDataException>(() => DuckDbSetup.Fetch(package, Address(), new StageReporter(terminal.Terminal), CancellationToken.None));
        Assert.StartsWith($"{package.LibraryPath} is damaged: fetching it again from ", terminal.ErrorLines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 6\r\n\r\nlonger", "it has 6 bytes instead of 5")]
    [InlineData("Content-Length: 4294967296\r\n\r\nlonger", "it has 4,294,967,296 bytes instead of 5")]
    [InlineData("Content-Length: 5\r\n\r\ncut", "ended prematurely")]
    [InlineData("Connection: close\r\n\r\ncut", "it has 3 bytes instead of 5")]
    [InlineData("Connection: close\r\n\r\nlonger than it", "it has more bytes instead of 5")]
    public void ABodyOfAnotherSizeIsNotTaken(string answer, string problem)
    {
        Serve($"HTTP/1.1 200 OK\r\n{answer}");
        DuckDbPackage package = Package("right"u8.ToArray());

        Assert.Contains(problem, Assert.Throws<FileNotFoundException>(() => DuckDbSetup.Fetch(package, Address(), new StageReporter(terminal.Terminal), CancellationToken.None)).Message, StringComparison.Ordinal);
        Assert.False(package.IsInstalled);
    }

    [Fact]
    public void ABodyThatNeverEndsFillsNoMemory()
    {
        Serve("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", forever: true);
        long before = GC.GetTotalAllocatedBytes();

        Assert.Contains("it has more bytes instead of 5", Assert.Throws<FileNotFoundException>(() => DuckDbSetup.Fetch(Package("right"u8.ToArray()), Address(), new StageReporter(terminal.Terminal), CancellationToken.None)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 64 << 20);
    }

    private Uri Address() => new($"http://127.0.0.1:{((IPEndPoint)registry.LocalEndpoint).Port}/package.tgz");

    private DuckDbPackage Package(byte[] content) => new(content.Length, "linux-x64", "libduckdb.so", Convert.ToBase64String(SHA512.HashData(content)), "", cache.Path);

    private void Serve(string response, bool forever = false)
    {
        registry.Start();
        _ = Answer();

        async Task Answer()
        {
            using TcpClient client = await registry.AcceptTcpClientAsync();
            NetworkStream stream = client.GetStream();
            await stream.ReadAtLeastAsync(new byte[4096], 4);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(response));
            while (forever)
            {
                // Ends with an error when the other side hangs up.
                await stream.WriteAsync(new byte[1 << 16]);
            }
        }
    }
}
