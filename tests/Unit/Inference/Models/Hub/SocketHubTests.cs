using System.Net;
using System.Net.Sockets;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.Hub;
using AdaptiveKv.Unit.Inference.Models.HuggingFace;

namespace AdaptiveKv.Unit.Inference.Models.Hub;

/// <summary>The same over real sockets on this machine: a server that cuts every third answer, and a port nobody listens on.</summary>
public sealed class SocketHubTests : IDisposable
{
    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public async Task A_server_that_cuts_connections_still_delivers_a_model()
    {
        using TinyFolder tiny = new();
        tiny.Save();
        using HttpListener listener = new();
        Uri endpoint = new($"http://127.0.0.1:{FreePort()}/");
        listener.Prefixes.Add(endpoint.ToString());
        listener.Start();
        Task server = Task.Run(() => Serve(listener, tiny), TestContext.Current.CancellationToken);
        using HttpClient client = ModelHub.CreateClient();

        string path = await new ModelHub(client, new QuickTime(), endpoint).PullAsync(
            "smollm-360m", root.Path, cancellation: TestContext.Current.CancellationToken);

        listener.Stop();
        await server;
        Assert.Equal(File.ReadAllBytes(tiny["model.safetensors"]), File.ReadAllBytes(Path.Combine(path, "model.safetensors")));
        using ModelSource model = ModelFormats.Open(path);
        Assert.Equal(11, model.Tensors.Count);
    }

    [Fact]
    public async Task A_port_nobody_listens_on_is_an_unreachable_hub()
    {
        using HttpClient client = ModelHub.CreateClient();
        ModelHub hub = new(client, new QuickTime(), new Uri($"http://127.0.0.1:{FreePort()}/"));

        IOException error = await Assert.ThrowsAsync<IOException>(
            () => hub.PullAsync("smollm-360m", root.Path, cancellation: TestContext.Current.CancellationToken));

        Assert.StartsWith("127.0.0.1 cannot be reached", error.Message, StringComparison.Ordinal);
    }

    private static async Task Serve(HttpListener listener, TinyFolder files)
    {
        for (int downloads = 0; listener.IsListening;)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            bool cut = context.Request.HttpMethod == "GET" && downloads++ % 3 == 0;
            await Answer(context, files, cut);
        }
    }

    private static async Task Answer(HttpListenerContext context, TinyFolder files, bool cut)
    {
        HttpListenerResponse response = context.Response;
        string file = files[Path.GetFileName(context.Request.Url!.AbsolutePath)];
        if (!File.Exists(file))
        {
            response.StatusCode = 404;
            response.Close();
            return;
        }

        byte[] content = await File.ReadAllBytesAsync(file);
        int from = context.Request.Headers["Range"] is string range ? int.Parse(range["bytes=".Length..^1]) : 0;
        response.StatusCode = from > 0 ? 206 : 200;
        response.Headers["ETag"] = $"\"{StubHub.GitHash(content)}\"";
        response.Headers["Content-Range"] = from > 0 ? $"bytes {from}-{content.Length - 1}/{content.Length}" : null;
        response.ContentLength64 = content.Length - from;
        if (context.Request.HttpMethod == "HEAD")
        {
            response.Close();
            return;
        }

        int count = cut ? (content.Length - from) / 2 : content.Length - from;
        await response.OutputStream.WriteAsync(content.AsMemory(from, count));
        if (cut)
        {
            response.Abort();
        }
        else
        {
            response.Close();
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
