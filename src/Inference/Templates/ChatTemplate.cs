using AdaptiveKv.Files;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Templates;

/// <summary>
/// How a model wants a conversation written: its own template, in the subset of Jinja that templates of the Llama family use, rendered as Hugging Face transformers
/// renders it (trim_blocks and lstrip_blocks, no strftime_now, no tools). Nothing of it can do anything but write text, and its work is bounded. Safe to share
/// between threads.
/// </summary>
public sealed class ChatTemplate
{
    /// <summary>Longest template that is read, in characters.</summary>
    internal const int MostCharacters = 1 << 20;

    private const string ChatML =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private readonly string path;
    private readonly Tokenizer tokenizer;
    private readonly TemplateStatement template;

    /// <summary>Reads a template.</summary>
    /// <param name="text">In Jinja.</param>
    /// <param name="tokenizer">Of the model.</param>
    /// <param name="path">The file it comes from, for errors.</param>
    /// <exception cref="ModelFormatException">A construct is not supported, or it is no template; the message names file, line and construct.</exception>
    public ChatTemplate(string text, Tokenizer tokenizer, string path = "template")
    {
        (this.path, this.tokenizer) = (path, tokenizer);
        template = text.Length <= MostCharacters
            ? new StatementParser(new TokenCursor(path, TemplateLexer.Read(text, path))).Read()
            : throw TokenCursor.Fault(path, 1, $"{text.Length} characters; at most {MostCharacters} are read");
    }

    /// <summary>The template of a model: its own, or that of ChatML where it has none but has ChatML's tokens.</summary>
    /// <param name="own">The model's own; null for none.</param>
    /// <param name="tokenizer">Of the model.</param>
    /// <param name="path">As for the constructor.</param>
    /// <exception cref="ArgumentException">The model has neither: it is no chat model.</exception>
    /// <exception cref="ModelFormatException">As for the constructor.</exception>
    internal static ChatTemplate Of(string? own, Tokenizer tokenizer, string path) =>
        own is not null || IsChatML(tokenizer) ? new ChatTemplate(own ?? ChatML, tokenizer, path)
        : throw new ArgumentException($"{path}: no chat model: it has neither a chat template nor ChatML's tokens <|im_start|> and <|im_end|>; use a plain prompt");

    /// <summary>Whether a model has the tokens of ChatML.</summary>
    internal static bool IsChatML(Tokenizer tokenizer) => tokenizer.SpecialToken("<|im_start|>") >= 0 && tokenizer.SpecialToken("<|im_end|>") >= 0;

    /// <summary>The text of a conversation.</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="reply">Whether the assistant's turn is opened behind them.</param>
    /// <exception cref="ArgumentException">The template refuses such a conversation; the message says why.</exception>
    /// <exception cref="ModelFormatException">The template uses a value as none can be used, or does not come to an end.</exception>
    public string Render(IReadOnlyList<ChatMessage> messages, bool reply = true) => RenderMarked(messages, reply).Value;

    /// <summary>The tokens of a conversation: what the template spells may be control tokens, what the messages say never is, so that no message can end its turn.</summary>
    /// <inheritdoc cref="Render(IReadOnlyList{ChatMessage}, bool)"/>
    public int[] Encode(IReadOnlyList<ChatMessage> messages, bool reply = true) => Encode(RenderMarked(messages, reply));

    internal int[] Encode(MarkedText text) => tokenizer.EncodeFragment(text.Value, text.IsForeign);

    internal MarkedText RenderMarked(IReadOnlyList<ChatMessage> messages, bool reply) => Render(new Dictionary<string, object?>
    {
        ["messages"] = messages.Select(object? (message) => new OrderedDictionary<string, object?>
        {
            ["role"] = message.Role is "system" or "user" or "assistant" ? MarkedText.OfTemplate(message.Role) : MarkedText.OfConversation(message.Role),
            ["content"] = MarkedText.OfConversation(message.Content),
        }).ToList(),
        ["add_generation_prompt"] = reply,
        ["tools"] = null,
        ["documents"] = null,
        ["bos_token"] = MarkedText.OfTemplate(tokenizer.BeginText),
        ["eos_token"] = MarkedText.OfTemplate(tokenizer.EndText),
    });

    internal MarkedText Render(IReadOnlyDictionary<string, object?> variables)
    {
        TemplateRun run = new(path);
        TemplateScope scope = new(run)
        {
            ["range"] = (TemplateFunction)Range,
            ["namespace"] = (TemplateFunction)((_, given) => new TemplateNamespace(new OrderedDictionary<string, object?>(given.Named))),
            ["dict"] = (TemplateFunction)((_, given) => new OrderedDictionary<string, object?>(given.Named)),
            ["raise_exception"] = (TemplateFunction)((inner, given) =>
                throw new ArgumentException($"{path}: the chat template refuses the conversation: {given.Text(inner, 0, "message")}")),
        };
        foreach ((string name, object? value) in variables)
        {
            scope[name] = value;
        }

        return run.Aside(() => template(scope));
    }

    private static List<object?> Range(TemplateScope scope, TemplateArguments given)
    {
        long[] bounds = [.. given.Positional.Select(value => value as long? ?? throw scope.Run.Fault("'range' takes whole numbers"))];
        (long from, long to, long step) = bounds switch
        {
            [long end] => (0L, end, 1L),
            [long start, long end] => (start, end, 1L),
            [long start, long end, long stride and not 0] => (start, end, stride),
            _ => throw scope.Run.Fault("'range' takes one to three whole numbers, the step not 0"),
        };
        List<object?> numbers = [];
        for (long number = from; step > 0 ? number < to : number > to; number += step)
        {
            scope.Run.Spend(TemplateRun.ElementWork);
            numbers.Add(number);
        }

        return numbers;
    }
}
