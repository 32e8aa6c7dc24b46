using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Server.Scheduling;
using AdaptiveKv.Server.Wire;
using Microsoft.AspNetCore.Http;

namespace AdaptiveKv.Server;

/// <summary>What is behind each path, and how errors are told.</summary>
internal sealed class Endpoints
{
    private const string Completions = "/v1/completions";
    private const string Chats = "/v1/chat/completions";
    private const string Models = "/v1/models";
    private const string Health = "/health";
    private const string Metrics = "/metrics";

    private static readonly string[] Paths = [Completions, Chats, Models, Health, Metrics];

    private readonly ServerOptions options;
    private readonly Scheduler scheduler;
    private readonly ServerMetrics metrics;
    private readonly Generator generator;
    private readonly KeyCheck? key;
    private readonly long started;
    private readonly bool isLocal;

    public Endpoints(LlamaModel model, ServerOptions options, Scheduler scheduler, ServerMetrics metrics, TimeProvider time, Action<string> log)
    {
        (this.options, this.scheduler, this.metrics) = (options, scheduler, metrics);
        generator = new Generator(model, options, scheduler, time, log);
        key = options.Key is null ? null : new KeyCheck(options.Key);
        started = time.GetUtcNow().ToUnixTimeSeconds();
        isLocal = IPAddress.IsLoopback(options.Address.Address);
    }

    /// <summary>Answers a request, whatever happens.</summary>
    public async Task Serve(HttpContext context)
    {
        string path = context.Request.Path.Value ?? string.Empty;
        try
        {
            await Answer(context, path).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The edge of a request: what fails is told to the client.
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
#pragma warning restore CA1031
        {
            ApiException error = Told(exception);
            if (!context.Response.HasStarted)
            {
                await Write(context, error.Document, WireJson.Plain.ErrorDocument, error.Status).ConfigureAwait(false);
            }
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there any more.
            context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : 499;
        }

        metrics.AddRequest(Array.IndexOf(Paths, path) >= 0 ? path : "other", context.Response.StatusCode);
    }

    /// <summary>An error as it is told.</summary>
    public static ApiException Told(Exception exception) => exception switch
    {
        ApiException known => known,
        BadHttpRequestException { StatusCode: 413 } => new ApiException(413, "body_too_large", "the body is larger than this server reads: send less"),
        BadHttpRequestException bad => new ApiException(bad.StatusCode, "bad_request", bad.Message),
        OperationCanceledException => new ApiException(503, "timeout", "the request took longer than this server's --timeout allows: ask for less, or later"),
        OutOfMemoryException => new ApiException(503, "out_of_memory", "there is not enough memory for this request: ask for fewer tokens"),
        _ => new ApiException(500, "internal_error", $"internal error: {exception.GetType().Name}: {exception.Message}"),
    };

    /// <summary>Sends a document.</summary>
    public static async Task Write<T>(HttpContext context, T document, JsonTypeInfo<T> type, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(document, type);
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task Answer(HttpContext context, string path)
    {
        RequireHost(context);
        if (path != Health)
        {
            key?.Require(context.Request);
        }

        switch (path)
        {
            case Health:
                RequireMethod(context, "GET");
                SchedulerState state = scheduler.State;
                (string status, int code) = scheduler.IsStopping ? ("stopping", 503) : ("ok", 200);
                await Write(context, new HealthDocument(status, state.Running, state.Waiting), WireJson.Plain.HealthDocument, code).ConfigureAwait(false);
                return;
            case Metrics:
                RequireMethod(context, "GET");
                context.Response.ContentType = ServerMetrics.MediaType;
                await context.Response.WriteAsync(metrics.Text(scheduler), context.RequestAborted).ConfigureAwait(false);
                return;
            case Models:
                RequireMethod(context, "GET");
                await Write(context, new ModelsDocument("list", [Model]), WireJson.Plain.ModelsDocument).ConfigureAwait(false);
                return;
            case Completions:
                await generator.Complete(context, await ReadBody(context).ConfigureAwait(false)).ConfigureAwait(false);
                return;
            case Chats:
                await generator.Chat(context, await ReadBody(context).ConfigureAwait(false)).ConfigureAwait(false);
                return;
            case { } when path == $"{Models}/{options.Name}":
                RequireMethod(context, "GET");
                await Write(context, Model, WireJson.Plain.Model).ConfigureAwait(false);
                return;
            case { } when path.StartsWith(Models + "/", StringComparison.Ordinal):
                throw Generator.UnknownModel(path[(Models.Length + 1)..], options.Name);
            default:
                throw new ApiException(404, "unknown_path", $"nothing is here: expected one of {string.Join(", ", Paths)}");
        }
    }

    private ModelsDocument.Model Model => new(options.Name, "model", started, "akv");

    // A page of another site whose name was made to point here must not ask this machine's server.
    private void RequireHost(HttpContext context)
    {
        string host = context.Request.Host.Host.Trim('[', ']');
        if (isLocal && host != "localhost" && !(IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address)))
        {
            throw new ApiException(403, "wrong_host", "this server listens on this machine alone: ask it as localhost, or start it with another --host");
        }
    }

    private static void RequireMethod(HttpContext context, string method)
    {
        if (context.Request.Method != method)
        {
            context.Response.Headers.Allow = method;
            throw new ApiException(405, "wrong_method", $"expected {method}");
        }
    }

    // Pages of other sites may send plain text without asking, JSON they may not.
    private async Task<ReadOnlyMemory<byte>> ReadBody(HttpContext context)
    {
        RequireMethod(context, "POST");
        if (!context.Request.HasJsonContentType())
        {
            throw new ApiException(415, "wrong_content_type", "expected JSON: send the header 'Content-Type: application/json'");
        }

        if (context.Request.ContentLength > options.MaxBody)
        {
            throw new ApiException(413, "body_too_large", string.Create(CultureInfo.InvariantCulture, $"the body has {context.Request.ContentLength} bytes and this server reads {options.MaxBody}: send less"));
        }

        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        return body.ToArray();
    }
}
