using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Inference.Templates;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.Server.Scheduling;
using AdaptiveKv.Server.Wire;
using Microsoft.AspNetCore.Http;

namespace AdaptiveKv.Server;

/// <summary>Completions and chats: from a request to sequences, and from what they gain to an answer.</summary>
internal sealed class Generator(LlamaModel model, ServerOptions options, Scheduler scheduler, TimeProvider time, Action<string> log)
{
    private static readonly byte[] EventStart = "data: "u8.ToArray();
    private static readonly byte[] EventEnd = "\n\n"u8.ToArray();
    private static readonly byte[] Done = "data: [DONE]\n\n"u8.ToArray();

    private readonly long started = time.GetUtcNow().ToUnixTimeSeconds();
    private long requests;

    private Tokenizer Tokenizer => model.Tokenizer;

    /// <summary>The error of a model that is not served.</summary>
    public static ApiException UnknownModel(string name, string served) =>
        new(404, "model_not_found", $"there is no model '{(name.Length <= 100 ? name : name[..100])}': this server has '{served}'", "model");

    /// <summary>Answers <c>/v1/completions</c>.</summary>
    public Task Complete(HttpContext context, ReadOnlyMemory<byte> body)
    {
        CompletionRequest request = CompletionRequest.Read(body);
        int[][] prompts = [.. request.Prompts.Select(prompt => Tokens(prompt))];
        string[] echoes = [.. prompts.Select((tokens, index) => !request.Echo ? string.Empty : request.Prompts[index].Text ?? Tokenizer.Decode(tokens))];
        return Serve(context, request.Common, prompts, echoes, request.Logprobs, request.Echo && request.Logprobs is not null, defaultTokens: 16, isChat: false);
    }

    /// <summary>Answers <c>/v1/chat/completions</c>.</summary>
    public Task Chat(HttpContext context, ReadOnlyMemory<byte> body)
    {
        ChatRequest request = ChatRequest.Read(body);
        return Serve(context, request.Common, [Tokens(request.Messages)], [string.Empty], request.Logprobs, scoresPrompt: false, options.MaxTokens, isChat: true);
    }

    private int[] Tokens(IReadOnlyList<ChatMessage> messages)
    {
        if (!model.IsChatModel)
        {
            throw new ApiException(400, "no_chat_template", "this model has no chat template: ask /v1/completions");
        }

        try
        {
            return model.ChatTemplate.Encode(messages);
        }
        catch (Exception exception) when (exception is ArgumentException or ModelFormatException)
        {
            // Where the model lies is nothing that clients need to know.
            throw ApiException.Field("messages", $"cannot be written in the model's chat template: {exception.Message[(exception.Message.IndexOf(": ", StringComparison.Ordinal) + 2)..]}", "chat_template");
        }
    }

    private int[] Tokens(CompletionRequest.Prompt prompt)
    {
        int[] tokens = prompt.Text is { } text ? Tokenizer.Encode(text) : prompt.Tokens;
        return tokens.Length == 0 ? throw ApiException.Field("prompt", "is empty: expected at least one token")
            : Array.Find(tokens, id => id < 0 || id >= Tokenizer.Vocabulary) is not 0 and var strange ? throw ApiException.Field("prompt", $"has {strange}, which is no token: ids are 0 to {Tokenizer.Vocabulary - 1}")
            : tokens;
    }

    private async Task Serve(
        HttpContext context, CommonRequest request, IReadOnlyList<int[]> prompts, IReadOnlyList<string> echoes, int? logprobs, bool scoresPrompt, int defaultTokens, bool isChat)
    {
        if (request.Model is { } name && name != options.Name)
        {
            throw UnknownModel(name, options.Name);
        }

        long number = Interlocked.Increment(ref requests);
        using CancellationTokenSource patience = new(options.Timeout, time);
        using CancellationTokenSource left = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, patience.Token);
        SequenceRequest[] sequences =
        [
            .. from prompt in prompts
               let most = MaxTokens(prompt.Length, request.MaxTokens, defaultTokens, mayBeNone: scoresPrompt)
               from answer in Enumerable.Range(0, request.Count)
               let seed = (request.IsSeeded ? request.Sampling.Seed : options.Seed + ((ulong)number << 16)) + (ulong)answer
               select new SequenceRequest(prompt, most, request.Sampling with { Seed = seed }, request.Stops, logprobs, scoresPrompt, left.Token),
        ];
        string id = string.Create(CultureInfo.InvariantCulture, $"{(isChat ? "chatcmpl" : "cmpl")}-{started:x}-{number}");
        string[] begins = [.. echoes.SelectMany(echo => Enumerable.Repeat(echo, request.Count))];
        Answer answers = new(id, isChat, options.Name, time.GetUtcNow().ToUnixTimeSeconds(), Tokenizer, begins, logprobs is not null);
        long start = time.GetTimestamp();
        try
        {
            ChannelReader<Piece> pieces = scheduler.Submit(sequences);
            await (request.Stream ? Stream(context, pieces, answers, request.StreamUsage) : Whole(context, pieces, answers, sequences.Length)).ConfigureAwait(false);
            log(Line(context, answers.Results, time.GetElapsedTime(start)));
        }
        catch (Exception exception) when (exception is not ApiException { Status: 429 })
        {
            string why = context.RequestAborted.IsCancellationRequested ? "the client is gone" : Endpoints.Told(exception).Message;
            log(string.Create(CultureInfo.InvariantCulture, $"{context.Request.Path} ended after {time.GetElapsedTime(start).TotalSeconds:0.0} s: {why}"));
            throw;
        }
        finally
        {
            // Of several sequences one may have failed: the others have no one to answer.
            await left.CancelAsync().ConfigureAwait(false);
        }
    }

    private int MaxTokens(int prompt, int? asked, int otherwise, bool mayBeNone)
    {
        int context = model.Shape.ContextLength;
        int most = scheduler.MostTokens - prompt;
        int least = mayBeNone ? 0 : 1;
        if (asked < least)
        {
            throw ApiException.Field("max_tokens", "is 0, and neither is the prompt to be echoed with log-probabilities: expected at least 1");
        }

        if (most < (asked ?? least))
        {
            string bound = most + prompt < context ? $"the server's --kv-budget has room for {most + prompt}" : $"the model's context has room for {context}";
            throw new ApiException(400, "context_length_exceeded", $"the prompt has {prompt} tokens and {asked ?? least} are wanted: {bound}: send a shorter prompt or a smaller max_tokens", "max_tokens");
        }

        return asked ?? Math.Min(otherwise, most);
    }

    private static async Task Whole(HttpContext context, ChannelReader<Piece> pieces, Answer answer, int count)
    {
        List<Piece> all = [];
        await foreach (Piece piece in pieces.ReadAllAsync().ConfigureAwait(false))
        {
            all.Add(piece);
            count -= piece.Result is null ? 0 : 1;
            if (count == 0)
            {
                break;
            }
        }

        await Endpoints.Write(context, answer.Whole(all), WireJson.Plain.AnswerDocument).ConfigureAwait(false);
    }

    private static async Task Stream(HttpContext context, ChannelReader<Piece> pieces, Answer answer, bool withUsage)
    {
        // The first piece, or the error in its place, decides the status.
        await pieces.WaitToReadAsync().ConfigureAwait(false);
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
        try
        {
            while (!answer.IsWhole && await pieces.WaitToReadAsync().ConfigureAwait(false))
            {
                while (pieces.TryRead(out Piece? piece))
                {
                    Add(context, JsonSerializer.SerializeToUtf8Bytes(answer.Part(piece), WireJson.Plain.AnswerDocument));
                }

                await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }

            if (withUsage)
            {
                Add(context, JsonSerializer.SerializeToUtf8Bytes(answer.Used(), WireJson.Plain.AnswerDocument));
            }
        }
        catch (Exception exception) when (!context.RequestAborted.IsCancellationRequested)
        {
            // The status is sent: the error is an event of its own.
            Add(context, JsonSerializer.SerializeToUtf8Bytes(Endpoints.Told(exception).Document, WireJson.Plain.ErrorDocument));
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            throw;
        }

        context.Response.BodyWriter.Write(Done);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    // An event goes out with what is there: a flush of every part would send three.
    private static void Add(HttpContext context, byte[] document)
    {
        context.Response.BodyWriter.Write(EventStart);
        context.Response.BodyWriter.Write(document);
        context.Response.BodyWriter.Write(EventEnd);
    }

    private static string Line(HttpContext context, IReadOnlyList<SequenceResult> results, TimeSpan taken)
    {
        int shared = results.Sum(result => result.Shared);
        double bits = results.Sum(result => result.Bytes) * 8.0 / Math.Max(results.Sum(result => result.Elements), 1);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{context.Request.Path} {context.Response.StatusCode}: {results.Sum(result => result.PromptTokens)} tokens{(shared > 0 ? $" ({shared} shared)" : "")} + {results.Sum(result => result.Tokens)} in {taken.TotalSeconds:0.00} s, "
            + $"waited {results.Max(result => result.Waited).TotalSeconds:0.00} s, first token after {results.Max(result => result.First).TotalSeconds:0.00} s; {results[0].Policy}: {bits:0.00} bits per element");
    }
}
