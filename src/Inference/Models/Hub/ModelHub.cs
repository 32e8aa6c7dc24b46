using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.HuggingFace;

namespace AdaptiveKv.Inference.Models.Hub;

/// <summary>
/// Downloads SmolLM and SmolLM2 models from the public hub (https://huggingface.co) as folders that <see cref="ModelFormats.Open"/> reads.
/// A model appears under its name when all of its files are there, their hashes are right and it opens; until then it is in a folder
/// beside it whose name ends in .part, from which the next attempt goes on.
/// </summary>
/// <param name="client">From <see cref="CreateClient"/>; one that follows redirections would hide the hashes.</param>
/// <param name="time">Clock for pauses and rates.</param>
/// <param name="endpoint">Root of the hub, for a mirror; null for the public one.</param>
public sealed class ModelHub(HttpClient client, TimeProvider time, Uri? endpoint = null)
{
    private const int ProbeAttempts = 2;
    private const int Attempts = 5;
    private const int RevisionDigits = 12;
    private const string Branch = "main";

    // A hub states sizes as it likes. The largest model that can be named has 3.4 GB of weights, and 2 MB of what describes it.
    private const long LargestWeights = 8L << 30;
    private const long LargestDescription = 64L << 20;

    private static readonly (string Name, bool Required)[] Descriptions =
        [("config.json", true), ("tokenizer.json", true), ("generation_config.json", false), ("tokenizer_config.json", false)];

    private readonly Uri endpoint = endpoint ?? new Uri("https://huggingface.co");

    /// <summary>Names that can be pulled: "smollm2-135m-instruct" ...</summary>
    public static IReadOnlyCollection<string> Names => HubCatalog.Names;

    /// <summary>Whether the hash of a model's weights is known here; otherwise they are checked by what the hub states.</summary>
    public static bool IsPinned(string name) => HubCatalog.PinOf(name) is not null;

    /// <summary>A client as this class needs it.</summary>
    public static HttpClient CreateClient()
    {
        HttpClient client = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(20) });
        client.DefaultRequestHeaders.UserAgent.ParseAdd("akv");

        // Sizes and ranges are those of the stored bytes.
        client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("identity");
        return client;
    }

    /// <summary>Downloads a model; one that is there already is opened for a check and left alone.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="root">Folder of the models; the model becomes the folder <paramref name="name"/> in it.</param>
    /// <param name="progress">Told about ten times a second.</param>
    /// <param name="cancellation">Stops; what came is kept for the next attempt.</param>
    /// <returns>The model's folder.</returns>
    /// <exception cref="ArgumentException">No such name.</exception>
    /// <exception cref="IOException">The hub cannot be reached, refuses, or sends other bytes than it states; says what to do.</exception>
    /// <exception cref="InvalidDataException">The hub has other weights under this name than those that are known, or states a size that no such model has.</exception>
    /// <exception cref="ModelFormatException">All files arrived as they are on the hub, but make no model that can be read.</exception>
    public async Task<string> PullAsync(
        string name, string root, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        HubConnection hub = new(client, endpoint, HubCatalog.Repository(name));
        string target = Path.Combine(root, name.ToLowerInvariant());
        if (Directory.Exists(target))
        {
            CheckExisting(target);
            return target;
        }

        string revision = await RevisionAsync(hub, target, cancellation);
        string staging = Staging(target, revision);
        FileDownload download = new(hub, time, progress);
        foreach ((string file, bool required) in Descriptions)
        {
            await GetAsync(hub, download, staging, revision, file, required, pin: null, cancellation);
        }

        HubPin? pin = HubCatalog.PinOf(name);
        if (!await GetAsync(hub, download, staging, revision, ShardIndex.SingleFileName, required: pin is not null, pin, cancellation))
        {
            await GetAsync(hub, download, staging, revision, ShardIndex.FileName, required: true, pin: null, cancellation);
            foreach (string shard in ShardIndex.Names(Path.Combine(staging, ShardIndex.FileName)))
            {
                await GetAsync(hub, download, staging, revision, shard, required: true, pin: null, cancellation);
            }
        }

        ModelFormats.Open(staging).Dispose();
        Directory.Move(staging, target);
        return target;
    }

    /// <summary>The commit that is current now: all files are taken from it, so that an update in between cannot mix two models.</summary>
    private async Task<string> RevisionAsync(HubConnection hub, string target, CancellationToken cancellation)
    {
        try
        {
            HubFile? config = await FindAsync(hub, Descriptions[0].Name, Branch, ProbeAttempts, cancellation);
            return config?.Revision is string commit && commit.All(char.IsAsciiLetterOrDigit) && commit.Length > 0 ? commit : Branch;
        }
        catch (TransientHubException failure)
        {
            string files = string.Join(", ", Descriptions.Select(file => file.Name));
            throw new IOException(
                $"{failure.Message}. Without the hub: download {files} and {ShardIndex.SingleFileName} from {hub.Page} where there is "
                    + $"a network, put them into {Path.GetFullPath(target)}, and use that folder as the model",
                failure);
        }
    }

    private async Task<bool> GetAsync(
        HubConnection hub,
        FileDownload download,
        string folder,
        string revision,
        string name,
        bool required,
        HubPin? pin,
        CancellationToken cancellation)
    {
        if (await FindAsync(hub, name, revision, Attempts, cancellation) is HubFile file)
        {
            if (pin is not null && (file.Bytes, file.Hash.Hex) != (pin.Bytes, pin.Sha256))
            {
                throw new InvalidDataException(
                    $"{file.Address}: the hub has {file.Bytes:N0} bytes with {file.Hash} under this name; the model has {pin.Bytes:N0} with SHA-256 {pin.Sha256}: nothing of it was fetched; use another --endpoint");
            }

            long largest = name.EndsWith(".safetensors", StringComparison.Ordinal) ? LargestWeights : LargestDescription;
            if (file.Bytes < 0 || file.Bytes > largest)
            {
                throw new InvalidDataException($"{file.Address}: the hub states {file.Bytes:N0} bytes; at most {largest:N0} are expected: nothing of it was fetched; use another --endpoint");
            }

            await download.RunAsync(file, Path.Combine(folder, name), cancellation);
            return true;
        }

        return required
            ? throw new IOException($"{hub.Page}: the hub has no {name} there (404); this name does not lead to a model any more")
            : false;
    }

    private async Task<HubFile?> FindAsync(HubConnection hub, string name, string revision, int attempts, CancellationToken cancellation)
    {
        Backoff backoff = new(time, attempts);
        while (true)
        {
            try
            {
                return await hub.FindAsync(name, revision, cancellation);
            }
            catch (TransientHubException failure)
            {
                await backoff.PauseAsync(failure, cancellation);
            }
        }
    }

    /// <summary>The folder in which this revision is collected; parts of other revisions are of no use any more.</summary>
    private static string Staging(string target, string revision)
    {
        string parent = Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!).FullName;
        string staging = Path.Combine(parent, $"{Path.GetFileName(target)}.{revision[..Math.Min(revision.Length, RevisionDigits)]}.part");
        foreach (string other in Directory.GetDirectories(parent, Path.GetFileName(target) + ".*.part").Where(other => other != staging))
        {
            Directory.Delete(other, recursive: true);
        }

        return Directory.CreateDirectory(staging).FullName;
    }

    private static void CheckExisting(string target)
    {
        try
        {
            ModelFormats.Open(target).Dispose();
        }
        catch (Exception error) when (error is ModelFormatException or FileNotFoundException)
        {
            throw new IOException(
                $"{target} is there and is no whole model: {error.Message}. Complete it, or remove the folder and pull again", error);
        }
    }
}

/// <summary>The models that can be pulled by name, and the repositories of the hub they are in.</summary>
internal static class HubCatalog
{
    // Their model.safetensors as several parties have it independently, so that no hub or mirror can give another model the name.
    private static readonly Dictionary<string, HubPin> Pins = new()
    {
        ["smollm2-135m"] = new(269_060_552, "80521b40281d6ce74e35c9282c22539e75aa0ac8578892b2a59955ef78d55da1"),
        ["smollm2-135m-instruct"] = new(269_060_552, "5af571cbf074e6d21a03528d2330792e532ca608f24ac70a143f6b369968ab8c"),
        ["smollm2-360m"] = new(723_674_912, "7aaff6661428bed033abba9522bec81938678642cca3181fe752b6ca9e1e540f"),
        ["smollm2-360m-instruct"] = new(723_674_912, "e6bffe7435d7ddc10fd3b9a9efd429dafbacb1cb17015fb5562664e7532bf86e"),
        ["smollm2-1.7b-instruct"] = new(3_422_777_952, "f55217be716b6a997b97b9d8d7eb6fad02e00858f5010ec24f64603c3a98a0e8"),
    };

    private static readonly Dictionary<string, string> Repositories = (
        from family in (string[])["SmolLM", "SmolLM2"]
        from size in (string[])["135M", "360M", "1.7B"]
        from suffix in (string[])["", "-Instruct"]
        select $"{family}-{size}{suffix}").ToDictionary(model => model.ToLowerInvariant(), model => $"HuggingFaceTB/{model}");

    /// <summary>Names, in the order people look for them.</summary>
    public static IReadOnlyCollection<string> Names => Repositories.Keys;

    /// <summary>Repository of a model.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <exception cref="ArgumentException">There is no such name; lists those there are.</exception>
    public static string Repository(string name) =>
        Repositories.TryGetValue(name.ToLowerInvariant(), out string? repository)
            ? repository
            : throw new ArgumentException($"unknown model \"{name}\"; one of {string.Join(", ", Names)} is expected", nameof(name));

    /// <summary>What is known of a model's weights; null if nothing is.</summary>
    /// <param name="name">Its name, in any case.</param>
    public static HubPin? PinOf(string name) => Pins.GetValueOrDefault(name.ToLowerInvariant());
}

/// <summary>What a model's weights must be, whatever a hub says of them.</summary>
/// <param name="Bytes">Size of model.safetensors.</param>
/// <param name="Sha256">Its hash in lower-case hex.</param>
internal sealed record HubPin(long Bytes, string Sha256);
