using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Data.Sql;

namespace AdaptiveKv.Cli.Setup;

/// <summary>Sees to it that DuckDB's library is there: the first command that runs SQL over tables fetches it, once per user and version.</summary>
internal static class DuckDbSetup
{
    private const string DefaultRegistry = "https://registry.npmjs.org";

    // At 13 KB a second the largest package takes that long.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(45);
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StallPatience = TimeSpan.FromMinutes(1);

    /// <summary>npm's own setting, for those whose packages come from a mirror; size and hash of the package are pinned, so the way need not be encrypted.</summary>
    private static string Registry =>
        Environment.GetEnvironmentVariable("NPM_CONFIG_REGISTRY") is { Length: > 0 } upper ? upper
        : Environment.GetEnvironmentVariable("npm_config_registry") is { Length: > 0 } lower ? lower
        : DefaultRegistry;

    /// <summary>Fetches the library if there is none, or a damaged one.</summary>
    /// <param name="reporter">Hears of it.</param>
    /// <param name="cancellation">Stops it; nothing is installed then.</param>
    /// <exception cref="FileNotFoundException">It cannot be fetched; the message says what to do.</exception>
    /// <exception cref="InvalidDataException">What was fetched is not the pinned package.</exception>
    public static void Ensure(IStageReporter reporter, CancellationToken cancellation)
    {
        if (DuckDbLibrary.Location is not null)
        {
            return;
        }

        DuckDbPackage package = DuckDbPackage.ForThisMachine ?? throw new FileNotFoundException(
            $"no package of DuckDB is pinned for this system: install DuckDB {DuckDbPackage.Version} and set {DuckDbLibrary.Variable} to its library");
        Fetch(package, package.AddressAt(Registry), reporter, cancellation);
    }

    /// <summary>Fetches and installs a package.</summary>
    internal static void Fetch(DuckDbPackage package, Uri address, IStageReporter reporter, CancellationToken cancellation)
    {
        package.RequireFolder();
        reporter.Note(File.Exists(package.LibraryPath)
            ? $"{package.LibraryPath} is damaged: fetching it again from {address} ..."
            : $"SQL over tables needs DuckDB {DuckDbPackage.Version}: fetching it once from {address} ...");
        byte[] content;
        try
        {
            content = Download(package, address, reporter, cancellation);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new FileNotFoundException(
                $"{address} cannot be fetched ({exception.Message.TrimEnd('.')}): run './akv setup' where a network is, or run 'npm pack {package.Name}' elsewhere, unpack it, and set {DuckDbLibrary.Variable} to its {Path.GetFileName(package.LibraryPath)}",
                exception);
        }

        package.Install(content);
        reporter.Note($"installed {package.LibraryPath} ({content.Length:N0} bytes fetched)");
    }

    // No more than the package has is taken, whatever the server sends.
    private static byte[] Download(DuckDbPackage package, Uri address, IStageReporter reporter, CancellationToken cancellation)
    {
        using HttpClient client = new(new SocketsHttpHandler { ConnectTimeout = ConnectPatience });
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        using HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        if (response.Content.Headers.ContentLength is { } stated && stated != package.Bytes)
        {
            throw Other($"{stated:N0}");
        }

        return reporter.Track("fetching DuckDB", package.Bytes, Amount.Bytes, progress =>
        {
            using Stream source = response.Content.ReadAsStream(cancellation);
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            end.CancelAfter(Patience);
            byte[] content = new byte[package.Bytes + 1];
            int length = 0;
            for (int read; (read = Read(source, content.AsMemory(length), end.Token)) > 0; progress.Report(length))
            {
                length += read;
            }

            return length == package.Bytes ? content[..length] : throw Other(length > package.Bytes ? "more" : $"{length:N0}");
        });

        IOException Other(string found) => new($"it has {found} bytes instead of {package.Bytes:N0}");
    }

    private static int Read(Stream source, Memory<byte> buffer, CancellationToken end)
    {
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(end);
        stall.CancelAfter(StallPatience);
        return buffer.Length == 0 ? 0 : source.ReadAsync(buffer, stall.Token).AsTask().GetAwaiter().GetResult();
    }
}
