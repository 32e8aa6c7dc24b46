using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Cli.Setup;

/// <summary>Sees to it that DuckDB's library is there: the first command that needs tables fetches it, once per user and version.</summary>
internal static class DuckDbSetup
{
    private const string DefaultRegistry = "https://registry.npmjs.org";

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(20);

    /// <summary>npm's own setting, for those whose packages come from a mirror; the package's hash is pinned either way.</summary>
    private static string Registry =>
        Environment.GetEnvironmentVariable("NPM_CONFIG_REGISTRY") is { Length: > 0 } upper ? upper
        : Environment.GetEnvironmentVariable("npm_config_registry") is { Length: > 0 } lower ? lower
        : DefaultRegistry;

    /// <summary>Fetches the library if there is none.</summary>
    /// <exception cref="FileNotFoundException">It cannot be fetched; the message says what to do.</exception>
    /// <exception cref="InvalidDataException">What was fetched is not the pinned package.</exception>
    public static void Ensure(Terminal terminal)
    {
        if (DuckDbLibrary.Location is not null)
        {
            return;
        }

        DuckDbPackage package = DuckDbPackage.ForThisMachine ?? throw new FileNotFoundException(
            $"no package of DuckDB is pinned for this system: install DuckDB {DuckDbPackage.Version} and set {DuckDbLibrary.Variable} to its library");
        Fetch(package, package.AddressAt(Registry), terminal);
    }

    /// <summary>Fetches and installs a package.</summary>
    internal static void Fetch(DuckDbPackage package, Uri address, Terminal terminal)
    {
        terminal.Note($"Tables need DuckDB {DuckDbPackage.Version}: fetching it once from {address} ...");
        byte[] content;
        try
        {
            content = Download(address, terminal);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or TaskCanceledException && !terminal.Cancellation.IsCancellationRequested)
        {
            throw new FileNotFoundException(
                $"{address} cannot be fetched ({exception.Message.TrimEnd('.')}): run './akv setup' where a network is, or run 'npm pack {package.Name}' elsewhere, unpack it, and set {DuckDbLibrary.Variable} to its {Path.GetFileName(package.LibraryPath)}",
                exception);
        }

        package.Install(content);
        terminal.Note($"installed {package.LibraryPath}");
    }

    private static byte[] Download(Uri address, Terminal terminal)
    {
        using HttpClient client = new(new SocketsHttpHandler { ConnectTimeout = ConnectPatience });
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        using HttpResponseMessage response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, terminal.Cancellation);
        response.EnsureSuccessStatusCode();
        long length = response.Content.Headers.ContentLength ?? 0;
        return ProgressBar.Run(terminal, "fetching DuckDB", length, Amount.Bytes, progress =>
        {
            using Stream source = response.Content.ReadAsStream(terminal.Cancellation);
            using MemoryStream content = new();
            byte[] buffer = new byte[1 << 16];
            for (int read; (read = source.Read(buffer)) > 0;)
            {
                terminal.Cancellation.ThrowIfCancellationRequested();
                content.Write(buffer, 0, read);
                progress.Report(content.Length);
            }

            return content.ToArray();
        });
    }
}
