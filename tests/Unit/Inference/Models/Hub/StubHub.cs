using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace AdaptiveKv.Unit.Inference.Models.Hub;

/// <summary>
/// A hub without a network: small files are answered at once with the SHA-1 of git, large ones (.safetensors) redirect to a store on
/// another host and have their SHA-256 in the first answer, as the public hub does it.
/// </summary>
internal sealed class StubHub : HttpMessageHandler
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly Lock gate = new();

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Requests as "METHOD path range".</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Looked at first: an answer of its own, an exception, or null.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Before { get; set; } = _ => null;

    /// <summary>Changes the body of a download.</summary>
    public Func<string, byte[], Stream> Body { get; set; } = (_, bytes) => new MemoryStream(bytes);

    /// <summary>Whether ranges are honoured.</summary>
    public bool Ranges { get; set; } = true;

    public static string GitHash(byte[] content) =>
        Convert.ToHexStringLower(
            CryptographicOperations.HashData(HashAlgorithmName.SHA1, [.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            Requests.Add($"{request.Method} {request.RequestUri!.AbsolutePath} {request.Headers.Range}".TrimEnd());
            HttpResponseMessage response = Before(request) ?? Answer(request);
            response.RequestMessage = request;
            return Task.FromResult(response);
        }
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        string name = Path.GetFileName(request.RequestUri!.AbsolutePath);
        if (!Files.TryGetValue(name, out byte[]? content))
        {
            return new HttpResponseMessage(HttpStatusCode.NotFound);
        }

        bool large = name.EndsWith(".safetensors", StringComparison.Ordinal);
        if (large && request.RequestUri.Host != "store.test")
        {
            HttpResponseMessage redirect = new(HttpStatusCode.Found);
            redirect.Headers.Location = new Uri("https://store.test/" + name);
            redirect.Headers.Add("X-Linked-Etag", $"\"{Convert.ToHexStringLower(SHA256.HashData(content))}\"");
            redirect.Headers.Add("X-Linked-Size", $"{content.Length}");
            redirect.Headers.Add("X-Repo-Commit", Commit);
            return redirect;
        }

        long from = Ranges ? request.Headers.Range?.Ranges.Single().From ?? 0 : 0;
        if (from > 0 && from >= content.Length)
        {
            return new HttpResponseMessage(HttpStatusCode.RequestedRangeNotSatisfiable);
        }

        HttpResponseMessage response = new(from > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK)
        {
            Content = request.Method == HttpMethod.Head ? new ByteArrayContent([]) : new StreamContent(Body(name, content[(int)from..])),
        };
        response.Content.Headers.ContentLength = content.Length - from;
        response.Content.Headers.ContentRange = from > 0 ? new ContentRangeHeaderValue(from, content.Length - 1, content.Length) : null;
        response.Headers.ETag = new EntityTagHeaderValue($"\"{GitHash(content)}\"");
        response.Headers.Add("X-Repo-Commit", Commit);
        return response;
    }
}
