using System.Net;
using System.Net.Http.Headers;

namespace AdaptiveKv.Inference.Models.Hub;

/// <summary>
/// Requests to one repository of the hub. Redirections are followed here: the hash of a large file is only in the first answer.
/// </summary>
/// <param name="client">Follows no redirections itself.</param>
/// <param name="endpoint">Root of the hub.</param>
/// <param name="repository">"owner/name".</param>
internal sealed class HubConnection(HttpClient client, Uri endpoint, string repository)
{
    private const int MostRedirections = 5;

    /// <summary>Page of the repository, for people.</summary>
    public Uri Page => new(endpoint, $"{repository}/tree/main");

    /// <summary>Asks for size and hash of a file; null where the repository has none of this name.</summary>
    /// <param name="name">The file.</param>
    /// <param name="revision">A branch or a commit.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="TransientHubException">May pass.</exception>
    /// <exception cref="IOException">The hub refuses, or says neither size nor hash.</exception>
    public async Task<HubFile?> FindAsync(string name, string revision, CancellationToken cancellation)
    {
        Uri address = new(endpoint, $"{repository}/resolve/{revision}/{name}");
        Uri next = address;
        string? commit = null;
        string? tag = null;
        long? bytes = null;
        for (int hops = 0; hops <= MostRedirections; hops++)
        {
            using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Head, next), cancellation);
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            commit ??= Header(response, "X-Repo-Commit");
            tag ??= Header(response, "X-Linked-Etag");
            bytes ??= long.TryParse(Header(response, "X-Linked-Size"), out long linked) ? linked : null;
            Uri? redirection = Redirection(response, next);
            if (redirection is null)
            {
                tag ??= response.Headers.ETag?.Tag;
                bytes ??= response.Content.Headers.ContentLength;
            }

            // The store behind the hub does not answer HEAD for signed addresses: what the hub itself says suffices.
            if (redirection is null || (redirection.Host != endpoint.Host && tag is not null && bytes is not null))
            {
                return HubHash.FromTag(tag) is HubHash hash && bytes is long size
                    ? new HubFile(name, address, size, hash, commit)
                    : throw new IOException($"{address}: the hub states no size and hash to check the file by");
            }

            next = redirection;
        }

        throw new IOException($"{address}: more than {MostRedirections} redirections");
    }

    /// <summary>Opens the content of a file from a byte on; the caller disposes the answer, whose status is 200, 206 or 416.</summary>
    /// <exception cref="TransientHubException">May pass.</exception>
    /// <exception cref="IOException">The hub refuses.</exception>
    public async Task<HttpResponseMessage> OpenAsync(HubFile file, long from, CancellationToken cancellation)
    {
        Uri next = file.Address;
        for (int hops = 0; hops <= MostRedirections; hops++)
        {
            HttpRequestMessage request = new(HttpMethod.Get, next);
            request.Headers.Range = from > 0 ? new RangeHeaderValue(from, null) : null;
            HttpResponseMessage response = await SendAsync(request, cancellation);
            if (Redirection(response, next) is not Uri redirection)
            {
                return response.StatusCode != HttpStatusCode.NotFound ? response : throw new IOException($"{next}: the file is gone (404)");
            }

            response.Dispose();
            next = redirection;
        }

        throw new IOException($"{file.Address}: more than {MostRedirections} redirections");
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        HttpResponseMessage response;
        try
        {
            response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (Exception error) when (
            error is HttpRequestException or IOException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new TransientHubException($"{request.RequestUri!.Host} cannot be reached: {error.GetBaseException().Message}", error);
        }

        int status = (int)response.StatusCode;
        if (status is < 400 or 404 or 416)
        {
            return response;
        }

        response.Dispose();
        string problem = $"{request.RequestUri}: the hub answers {status} ({response.ReasonPhrase})";
        throw status is 408 or 429 or >= 500 ? new TransientHubException(problem) : new IOException(problem);
    }

    private static Uri? Redirection(HttpResponseMessage response, Uri from)
    {
        if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not Uri location)
        {
            return null;
        }

        Uri target = new(from, location);
        return target.Scheme == Uri.UriSchemeHttps || target.Scheme == from.Scheme
            ? target
            : throw new IOException($"{from}: redirects to {target}, which is not encrypted; refused");
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : null;
}

/// <summary>The hub or the way to it failed in a manner that may pass: no connection, a cut one, a server too busy.</summary>
internal sealed class TransientHubException(string message, Exception? cause = null) : IOException(message, cause);
