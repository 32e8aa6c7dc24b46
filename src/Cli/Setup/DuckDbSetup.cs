using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Data.Sql;

namespace AdaptiveKv.Cli.Setup;

/// <summary>Sees to it that DuckDB's library is there: the first command that runs SQL over tables fetches it, once per user and version.</summary>
internal static class DuckDbSetup
{
    private const string DefaultRegistry = "https://registry.npmjs.org";

    // Several times what the packages have; a server that sends without end fills no memory.
    private const long LargestPackage = 128 << 20;

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(20);

    /// <summary>npm's own setting, for those whose packages come from a mirror; the package's hash is pinned either way.</summary>
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
            content = Download(address, reporter, cancellation);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new FileNotFoundException(
                $"{address} cannot be fetched ({exception.Message.TrimEnd('.')}): run './akv setup' where a network is, or run 'npm pack {package.Name}' elsewhere, unpack it, and set {DuckDbLibrary.Variable} to its {Path.GetFileName(package.LibraryPath)}",
                exception);
        }

        package.Install(content);
        reporter.Note($"installed {package.LibraryPath} ({content.Length:N0} bytes fetched)");
    }

    private static byte[] Download(Uri address, IStageReporter reporter, CancellationToken cancellation)
    {
        using HttpClient client = new(new SocketsHttpHandler { ConnectTimeout = ConnectPatience });
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        using HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        long length = response.Content.Headers.ContentLength ?? 0;
        return reporter.Track("fetching DuckDB", length, Amount.Bytes, progress =>
        {
            using Stream source = response.Content.ReadAsStream(cancellation);
            using MemoryStream content = new();
            byte[] buffer = new byte[1 << 16];
            for (int read; (read = source.Read(buffer)) > 0;)
            {
                cancellation.ThrowIfCancellationRequested();
                content.Write(buffer, 0, read);
                if (content.Length > LargestPackage)
                {
                    throw new IOException($"it goes on after {LargestPackage:N0} bytes");
                }

                progress.Report(content.Length);
            }

            return content.ToArray();
        });
    }
}
