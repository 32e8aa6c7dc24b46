namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Prompts in the ChatML form of SmolLM's instruct models: <c>&lt;|im_start|&gt;role\ncontent&lt;|im_end|&gt;\n</c> per message, then the
/// opening of the assistant's turn. Markers become their ids here; the contents never do, so no text can end its own turn.
/// The template stored in a model file is not evaluated.
/// </summary>
public static class ChatPrompt
{
    /// <summary>System message of SmolLM2-instruct's template where the caller gives none.</summary>
    public const string DefaultSystem = "You are a helpful AI assistant named SmolLM, trained by Hugging Face";

    private const string Start = "<|im_start|>";
    private const string End = "<|im_end|>";

    /// <summary>Whether the model has the tokens of ChatML.</summary>
    public static bool Supports(Tokenizer tokenizer) => tokenizer.SpecialToken(Start) >= 0 && tokenizer.SpecialToken(End) >= 0;

    /// <summary>Token ids of a prompt of one question.</summary>
    /// <param name="tokenizer">Of a model with ChatML tokens.</param>
    /// <param name="system">The system message; null for <see cref="DefaultSystem"/>.</param>
    /// <param name="user">The question.</param>
    /// <exception cref="ArgumentException">The model has no ChatML tokens, or a text is too long.</exception>
    public static int[] Build(Tokenizer tokenizer, string? system, string user)
    {
        Require(tokenizer);
        return [.. Message(tokenizer, $"system\n{system ?? DefaultSystem}"), .. Turn(tokenizer, user)];
    }

    /// <summary>Token ids of a further question: the end of the answer before, then the question.</summary>
    /// <param name="tokenizer">As in <see cref="Build"/>.</param>
    /// <param name="user">The question.</param>
    /// <exception cref="ArgumentException">As in <see cref="Build"/>.</exception>
    public static int[] Next(Tokenizer tokenizer, string user) => [.. Ending(tokenizer), .. Turn(tokenizer, user)];

    /// <summary>Refuses a model without the tokens of ChatML.</summary>
    /// <exception cref="ArgumentException">It has none.</exception>
    internal static void Require(Tokenizer tokenizer)
    {
        if (!Supports(tokenizer))
        {
            throw new ArgumentException($"the model has no {Start} and {End} tokens, so it is no ChatML chat model; use a plain prompt");
        }
    }

    private static int[] Turn(Tokenizer tokenizer, string user) =>
        [.. Message(tokenizer, $"user\n{user}"), tokenizer.SpecialToken(Start), .. Plain(tokenizer, "assistant\n")];

    private static int[] Message(Tokenizer tokenizer, string text) => [tokenizer.SpecialToken(Start), .. Plain(tokenizer, text), .. Ending(tokenizer)];

    private static int[] Ending(Tokenizer tokenizer) => [tokenizer.SpecialToken(End), .. Plain(tokenizer, "\n")];

    private static int[] Plain(Tokenizer tokenizer, string text) => tokenizer.EncodeFragment(text, parseSpecial: false);
}
