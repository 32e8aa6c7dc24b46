using System.Runtime.CompilerServices;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;
using Microsoft.Extensions.AI;

namespace AdaptiveKv.Extensions;

/// <summary>
/// A session as a chat client of Microsoft.Extensions.AI. What the cache holds of a conversation is not read again; requests wait for each other, as a session serves
/// one at a time. Answers are text: tools, JSON and pictures are refused.
/// </summary>
public sealed class AdaptiveKvChatClient : IChatClient
{
    /// <summary>Key of <see cref="ChatResponse.AdditionalProperties"/>: bits of the cache per element, by its allocator; a double.</summary>
    public const string CacheBits = "kv_cache_bits";

    /// <summary>Key of the same: bytes of the cache; a long.</summary>
    public const string CacheBytes = "kv_cache_bytes";

    private readonly AdaptiveSession session;
    private readonly GenerationOptions defaults;
    private readonly Chat chat;
    private readonly SemaphoreSlim turn = new(1, 1);
    private long answers;

    /// <summary>Serves a session's conversations.</summary>
    /// <param name="session">Serves this client alone, and stays the caller's.</param>
    /// <param name="defaults">How answers are made where a request does not say; null for the library's defaults.</param>
    /// <exception cref="ArgumentException">It is no chat model.</exception>
    public AdaptiveKvChatClient(AdaptiveSession session, GenerationOptions? defaults = null)
    {
        (this.session, this.defaults) = (session, defaults ?? new GenerationOptions());
        chat = new Chat(session);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The request wants more than text.</exception>
    /// <exception cref="ArgumentException">The conversation does not fit the session, the template refuses it, or options are wrong.</exception>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">The request wants more than text.</exception>
    /// <exception cref="ArgumentException">As for <see cref="GetResponseAsync"/>.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Inference.Templates.ChatMessage[] turns = [.. ChatRequest.Turns(messages, options)];
        GenerationOptions wanted = ChatRequest.Options(options, defaults);
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            string id = $"akv-{++answers}";
            Generation answer = chat.Reply(turns, wanted, cancellationToken);
            int held = session.Cache.Count;
            using IEnumerator<string> pieces = answer.GetEnumerator();

            // A token takes the engine's time: not that of a thread that draws a window.
            while (await Task.Run(pieces.MoveNext, cancellationToken).ConfigureAwait(false))
            {
                if (pieces.Current.Length > 0)
                {
                    yield return Update(id, new TextContent(pieces.Current));
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            yield return Last(id, answer.Statistics, held);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("adaptivekv", defaultModelId: ModelId)
        : serviceType.IsInstanceOfType(session) ? session
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    private string ModelId => Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(session.Model.Path));

    private ChatResponseUpdate Update(string id, AIContent content) => new(ChatRole.Assistant, [content]) { ResponseId = id, MessageId = id, ModelId = ModelId };

    private ChatResponseUpdate Last(string id, GenerationStatistics statistics, int held)
    {
        CacheStatistics cache = statistics.Cache;
        ChatResponseUpdate last = Update(id, new UsageContent(new UsageDetails
        {
            InputTokenCount = held + statistics.PromptTokens,
            CachedInputTokenCount = held,
            OutputTokenCount = statistics.Tokens,
            TotalTokenCount = held + statistics.PromptTokens + statistics.Tokens,
        }));

        // Of a message it would be the message's, and not the answer's.
        last.MessageId = null;
        last.FinishReason = statistics.End is GenerationEnd.Limit or GenerationEnd.CacheFull ? ChatFinishReason.Length : ChatFinishReason.Stop;
        last.AdditionalProperties = new() { [CacheBits] = cache.EffectiveBits, [CacheBytes] = cache.Bytes };
        return last;
    }
}
