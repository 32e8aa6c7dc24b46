using System.Net;
using System.Security.Cryptography;
using AdaptiveKv.Inference.Models.Hub;

namespace AdaptiveKv.Unit.Inference.Models.Hub;

/// <summary>One file: cut connections, resumption, wrong bytes, stalls, hostile answers.</summary>
public sealed class FileDownloadTests : IDisposable
{
    private const string Name = "model.safetensors";

    private readonly TemporaryFolder folder = new();
    private readonly StubHub stub = new();
    private readonly HttpClient client;
    private readonly byte[] content = new byte[300_000];

    public FileDownloadTests()
    {
        client = new HttpClient(stub);
        new Random(7).NextBytes(content);
        stub.Files[Name] = content;
    }

    public void Dispose()
    {
        client.Dispose();
        stub.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_cut_connection_is_gone_on_with_where_it_was_cut()
    {
        QuickTime time = new();
        int cuts = 0;
        stub.Body = (_, bytes) => cuts++ < 6 ? new BrokenStream(bytes[..40_000]) : new MemoryStream(bytes);

        await Download(time);

        Assert.Equal(content, File.ReadAllBytes(folder[Name]));
        Assert.Contains("GET /model.safetensors bytes=240000-", stub.Requests);

        // Every attempt went forward: each pause is the first of its row.
        Assert.All(time.Pauses, pause => Assert.Equal(1, pause.TotalSeconds));
        Assert.Equal(6, time.Pauses.Count);
    }

    [Fact]
    public async Task A_part_of_an_earlier_run_is_gone_on_with()
    {
        folder.Write(Name + ".part", content[..123_456]);

        await Download();

        Assert.Equal(content, File.ReadAllBytes(folder[Name]));
        Assert.Equal(["HEAD", "GET", "GET"], stub.Requests.Select(request => request.Split(' ')[0]));
        Assert.EndsWith("bytes=123456-", stub.Requests[^1], StringComparison.Ordinal);
        Assert.Equal([Name], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_whole_part_is_checked_and_named_without_a_request()
    {
        folder.Write(Name + ".part", content);

        await Download();

        Assert.Equal(["HEAD"], stub.Requests.Select(request => request.Split(' ')[0]));
        Assert.True(File.Exists(folder[Name]));
    }

    [Theory]
    [InlineData(1_000)]
    [InlineData(300_000)]
    [InlineData(300_001)]
    public async Task A_wrong_part_is_loaded_again_from_the_start(int length)
    {
        folder.Write(Name + ".part", new byte[length]);

        await Download();

        Assert.Equal(content, File.ReadAllBytes(folder[Name]));
    }

    [Fact]
    public async Task A_server_without_ranges_starts_over()
    {
        stub.Ranges = false;
        folder.Write(Name + ".part", new byte[1000]);

        await Download();

        Assert.Equal(content, File.ReadAllBytes(folder[Name]));
    }

    [Fact]
    public async Task Wrong_bytes_are_refused_and_discarded()
    {
        stub.Body = (_, bytes) => new MemoryStream([.. bytes.Select((value, i) => i == 5 ? (byte)~value : value)]);

        IOException error = await Assert.ThrowsAsync<IOException>(() => Download());

        Assert.Contains(
            $"the hub states SHA-256 {Convert.ToHexStringLower(SHA256.HashData(content))}", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder[Name]));
        Assert.Equal(0, new FileInfo(folder[Name + ".part"]).Length);
    }

    [Fact]
    public async Task Small_files_are_checked_by_the_hash_of_git()
    {
        stub.Files["config.json"] = content;
        stub.Body = (_, bytes) => new MemoryStream([.. bytes[..^1], 0]);

        IOException error = await Assert.ThrowsAsync<IOException>(() => Download(name: "config.json"));

        Assert.Contains($"the hub states git SHA-1 {StubHub.GitHash(content)}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_never_works_ends_after_five_attempts_and_keeps_the_part()
    {
        QuickTime time = new();
        folder.Write(Name + ".part", content[..1000]);
        stub.Body = (_, _) => new BrokenStream([]);

        IOException error = await Assert.ThrowsAnyAsync<IOException>(() => Download(time));

        Assert.Contains("connection reset by peer; what came is kept: run the command again", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 4, 8], time.Pauses.Select(pause => pause.TotalSeconds));
        Assert.Equal(1000, new FileInfo(folder[Name + ".part"]).Length);
    }

    [Fact]
    public async Task A_connection_that_hangs_is_given_up()
    {
        stub.Body = (_, _) => new BrokenStream([], hangs: true);

        IOException error = await Assert.ThrowsAnyAsync<IOException>(() => Download(new QuickTime(stallsPass: true)));

        Assert.Contains("next to nothing came for 60 s", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Each answer adds a little, or gives what was there before once more: neither is a way forward, and the attempts end.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(3_000, true)]
    [InlineData(100_000, false)]
    public async Task A_server_that_states_more_than_it_sends_is_given_up(int each, bool ranges)
    {
        QuickTime time = new();
        stub.Ranges = ranges;
        stub.Body = (_, bytes) => new BrokenStream(bytes[..Math.Min(each, bytes.Length)]);

        await Assert.ThrowsAnyAsync<IOException>(() => Download(time));

        Assert.InRange(time.Pauses.Count, 4, 8);
        Assert.False(File.Exists(folder[Name]));
    }

    [Fact]
    public async Task A_link_in_place_of_the_part_is_not_followed()
    {
        string precious = folder.Write("precious", "content");
        File.CreateSymbolicLink(folder[Name + ".part"], precious);

        await Download();

        Assert.Equal("content", File.ReadAllText(precious));
        Assert.Equal(content, File.ReadAllBytes(folder[Name]));
        Assert.Null(new FileInfo(folder[Name]).LinkTarget);
    }

    [Fact]
    public async Task More_bytes_than_stated_are_not_taken()
    {
        stub.Body = (_, bytes) => new MemoryStream([.. bytes, .. new byte[1 << 20]]);

        await Download();

        Assert.Equal(content.Length, new FileInfo(folder[Name]).Length);
    }

    [Fact]
    public async Task A_redirection_to_an_unencrypted_address_is_refused()
    {
        stub.Before = _ => Redirect("http://store.test/model.safetensors");

        IOException error = await Assert.ThrowsAsync<IOException>(() => Download());

        Assert.Contains("not encrypted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirections_end()
    {
        stub.Before = _ => Redirect("/round/and/round");

        IOException error = await Assert.ThrowsAsync<IOException>(() => Download());

        Assert.Contains("more than 5 redirections", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_size_or_hash_is_refused()
    {
        stub.Before = _ => new HttpResponseMessage(HttpStatusCode.OK);

        IOException error = await Assert.ThrowsAsync<IOException>(() => Download());

        Assert.Contains("no size and hash", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancellation_keeps_the_part()
    {
        using CancellationTokenSource cancellation = new();
        stub.Body = (_, bytes) => new BrokenStream(bytes[..5000], hangs: true);
        Task download = Download(cancellation: cancellation.Token);
        while (!File.Exists(folder[Name + ".part"]) || new FileInfo(folder[Name + ".part"]).Length < 5000)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download);
        Assert.Equal(5000, new FileInfo(folder[Name + ".part"]).Length);
    }

    private static HttpResponseMessage Redirect(string address)
    {
        HttpResponseMessage response = new(HttpStatusCode.Found);
        response.Headers.Location = new Uri(address, UriKind.RelativeOrAbsolute);
        return response;
    }

    private async Task Download(QuickTime? time = null, string name = Name, CancellationToken cancellation = default)
    {
        HubConnection hub = new(client, new Uri("https://hub.test"), "owner/model");
        HubFile file = (await hub.FindAsync(name, "main", cancellation))!;
        await new FileDownload(hub, time ?? new QuickTime(), progress: null).RunAsync(file, folder[name], cancellation);
    }
}
