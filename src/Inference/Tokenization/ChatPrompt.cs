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
        if (!Supports(tokenizer))
        {
            throw new ArgumentException($"the model has no {Start} and {End} tokens, so it is no ChatML chat model; use a plain prompt");
        }

        int start = tokenizer.SpecialToken(Start), end = tokenizer.SpecialToken(End);
        return
        [
            start, .. Plain($"system\n{system ?? DefaultSystem}"), end, .. Plain("\n"),
            start, .. Plain($"user\n{user}"), end, .. Plain("\n"),
            start, .. Plain("assistant\n"),
        ];

        int[] Plain(string text) => tokenizer.EncodeFragment(text, parseSpecial: false);
    }
}
