using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Templates;

namespace AdaptiveKv.Inference;

/// <summary>A conversation in the form of the model's <see cref="ChatTemplate"/>. The cache keeps it: what it holds of a conversation is not read again.</summary>
public sealed class Chat
{
    private const string Key = "conversation";

    private readonly AdaptiveSession session;
    private readonly ChatTemplate template;
    private IReadOnlyList<ChatMessage> asked;
    private MarkedText prompt = MarkedText.Empty;
    private int[] promptIds = [];
    private IReadOnlyList<int>? answer;

    /// <summary>Begins a conversation; what the session held is forgotten.</summary>
    /// <param name="session">Serves the conversation alone.</param>
    /// <param name="system">The system message; null for what the template says without one.</param>
    /// <param name="template">How the conversation is written; null for the model's own.</param>
    /// <exception cref="ArgumentException">It is no chat model.</exception>
    /// <exception cref="ModelFormatException">The model's template has a construct that is not supported.</exception>
    public Chat(AdaptiveSession session, string? system = null, ChatTemplate? template = null)
    {
        this.template = template ?? session.Model.ChatTemplate;
        asked = system is null ? [] : [new ChatMessage("system", system)];
        this.session = session;
        session.Reset();
    }

    /// <summary>What was said, the answer so far included.</summary>
    public IReadOnlyList<ChatMessage> Messages => answer is null ? asked : [.. asked, new ChatMessage("assistant", TextOf(answer))];

    /// <summary>Asks, and answers as far as the answer is enumerated.</summary>
    /// <param name="question">The user's turn.</param>
    /// <param name="options">How the answer is made; null for the defaults.</param>
    /// <param name="cancellation">Ends the answer after the current token.</param>
    /// <exception cref="ArgumentException">The conversation does not fit the session any more, or options are wrong.</exception>
    public Generation Ask(string question, GenerationOptions? options = null, CancellationToken cancellation = default) =>
        Reply([.. Messages, new ChatMessage("user", question)], options, cancellation);

    /// <summary>Answers a whole conversation, whether or not it goes on from what was said before; what the cache holds of it is not read again.</summary>
    /// <param name="messages">The conversation, with the last turn the user's.</param>
    /// <param name="options">As in <see cref="Ask"/>.</param>
    /// <param name="cancellation">As in <see cref="Ask"/>.</param>
    /// <exception cref="ArgumentException">The template refuses such a conversation, it does not fit the session, or options are wrong.</exception>
    public Generation Reply(IReadOnlyList<ChatMessage> messages, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        MarkedText text = template.RenderMarked(messages, reply: true);
        int[] ids = GoOn(text) ?? template.Encode(text);
        int[] known = [.. promptIds, .. answer ?? []];

        // The last token of an answer that was left early is in nobody's cache.
        int kept = Math.Min(known.AsSpan(0, Math.Min(known.Length, session.Cache.Count)).CommonPrefixLength(ids), ids.Length - 1);
        session.Truncate(Math.Max(kept, 0));
        Generation next = new(session, ids.AsSpan(0, kept), ids[kept..], options ?? new GenerationOptions(), cancellation);
        (asked, prompt, promptIds, answer) = ([.. messages], text, ids, next.Ids);
        return next;
    }

    /// <summary>Writes the conversation, cache and all, to a file; whole or not at all.</summary>
    /// <exception cref="IOException">The disk is full or the folder is missing; a file that was there is unchanged.</exception>
    public void Save(string path) => SessionFile.Write(
        path, session, [(Key, JsonSerializer.Serialize(new Conversation([.. asked], promptIds, answer is null ? null : [.. answer]), ConversationJson.Default.Conversation))]);

    /// <summary>Goes on with a conversation that was saved; nothing of it is read again. A file that is refused changes nothing.</summary>
    /// <param name="path">A file of <see cref="Save"/>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">As for <see cref="AdaptiveSession.Load"/>, or the saved session is no conversation.</exception>
    public void Load(string path)
    {
        Conversation? saved = null;
        SessionFile.Read(path, session, (metadata, tokens) =>
        {
            saved = Read(metadata.GetValueOrDefault(Key));
            return saved is { Asked: not null, Prompt: not null } && Holds(saved, tokens) ? null : (Key, "is missing or not that of this session: it was not saved from a chat");
        });
        (asked, promptIds, answer) = (saved!.Asked, saved.Prompt, saved.Answer);
        prompt = promptIds.Length == 0 ? MarkedText.Empty : template.RenderMarked(asked, reply: true);
    }

    private bool Holds(Conversation saved, int tokens) =>
        saved.Prompt.Length + (saved.Answer?.Length ?? 0) >= tokens
        && saved.Prompt.Concat(saved.Answer ?? []).All(id => id >= 0 && id < session.Model.Shape.Vocabulary)
        && Array.TrueForAll(saved.Asked, message => message is { Role: not null, Content: not null });

    private static Conversation? Read(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize(json, ConversationJson.Default.Conversation);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// The tokens of a conversation that goes on from the last answer: those of the answer as they were generated, which another reading of its text might not give.
    /// White space at its end that the template takes away is left out.
    /// </summary>
    /// <returns>Null where it does not go on from there.</returns>
    private int[]? GoOn(MarkedText text)
    {
        if (answer is null || !text.StartsWith(prompt))
        {
            return null;
        }

        int[] said = [.. answer];
        for (int kept = said.Length; ; kept--)
        {
            MarkedText before = prompt + MarkedText.OfConversation(TextOf(said[..kept]));
            if (text.StartsWith(before))
            {
                return [.. promptIds, .. said[..kept], .. template.Encode(text[before.Value.Length..])];
            }
        }
    }

    private string TextOf(IEnumerable<int> ids) => session.Model.Tokenizer.Decode([.. ids]);
}

/// <summary>A conversation as it is saved.</summary>
/// <param name="Asked">What was said up to the last question.</param>
/// <param name="Prompt">Its tokens.</param>
/// <param name="Answer">Tokens of the answer to it; null before the first question.</param>
internal sealed record Conversation(ChatMessage[] Asked, int[] Prompt, int[]? Answer);

/// <summary>JSON of <see cref="Conversation"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Conversation))]
internal sealed partial class ConversationJson : JsonSerializerContext;
