using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace AdaptiveKv.Laboratory.Load;

/// <summary>Clients that stream completions from a server with OpenAI's interface.</summary>
/// <param name="url">Where it listens.</param>
/// <param name="maxTokens">Most tokens of an answer.</param>
/// <param name="time">The clock.</param>
internal sealed class LoadClient(Uri url, int maxTokens, TimeProvider time) : IDisposable
{
    private const string Event = "data: ";

    private readonly HttpClient http = new() { BaseAddress = url, Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Asks for one answer to each prompt, some at a time.</summary>
    public LoadResult[] Ask(IReadOnlyList<string> prompts, int atATime, CancellationToken cancellation)
    {
        LoadResult[] results = new LoadResult[prompts.Count];
        Parallel.ForAsync(0, prompts.Count, new ParallelOptions { MaxDegreeOfParallelism = atATime, CancellationToken = cancellation }, async (i, token) =>
        {
            try
            {
                results[i] = await Ask(prompts[i], token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException or InvalidDataException)
            {
                results[i] = new LoadResult(exception.Message);
            }
        }).GetAwaiter().GetResult();
        return results;
    }

    /// <summary>A number of the server's <c>/metrics</c>; null where it has none.</summary>
    public double? Metric(string name)
    {
        using HttpResponseMessage response = http.GetAsync(new Uri("metrics", UriKind.Relative)).GetAwaiter().GetResult();
        string text = response.IsSuccessStatusCode ? response.Content.ReadAsStringAsync().GetAwaiter().GetResult() : string.Empty;
        return text.Split('\n').FirstOrDefault(line => line.StartsWith(name + " ", StringComparison.Ordinal)) is { } found ? double.Parse(found[(name.Length + 1)..], CultureInfo.InvariantCulture) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<LoadResult> Ask(string prompt, CancellationToken cancellation)
    {
        long start = time.GetTimestamp();
        TimeSpan? first = null;
        JsonElement usage = default;
        using HttpRequestMessage request = new(HttpMethod.Post, "v1/completions");
        // Servers that end a connection after some requests may do so just as the next one is sent on it.
        request.Headers.ConnectionClose = true;
        request.Content = JsonContent.Create(new { prompt, max_tokens = maxTokens, temperature = 0, stream = true, stream_options = new { include_usage = true } });
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            return new LoadResult(await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false));
        }

        using StreamReader lines = new(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
        while (await lines.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line && line != Event + "[DONE]")
        {
            if (line.StartsWith(Event, StringComparison.Ordinal))
            {
                first ??= time.GetElapsedTime(start);
                JsonElement part = JsonElement.Parse(line[Event.Length..]);
                if (part.TryGetProperty("error", out JsonElement error))
                {
                    return new LoadResult(error.GetRawText());
                }

                usage = part.TryGetProperty("usage", out JsonElement told) && told.ValueKind == JsonValueKind.Object ? told : usage;
            }
        }

        return usage.ValueKind == JsonValueKind.Object
            ? new LoadResult(null, first!.Value, usage.GetProperty("prompt_tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32())
            : new LoadResult("the stream ended early");
    }
}

/// <summary>What a request came to.</summary>
/// <param name="Error">What went wrong; null where nothing did.</param>
/// <param name="FirstToken">Time until the first event.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Tokens">Tokens of the answer.</param>
internal sealed record LoadResult(string? Error, TimeSpan FirstToken = default, int PromptTokens = 0, int Tokens = 0);
