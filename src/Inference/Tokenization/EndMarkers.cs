namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Tokens that end a text or a turn by their text alone: many files name only one of those that their model uses. The list, and that an end of
/// a message is none where a call and a return have tokens of their own, are those of llama.cpp (llama-vocab.cpp, special_eog_ids).
/// </summary>
internal static class EndMarkers
{
    private const string EndOfMessage = "<|end|>";

    private static readonly HashSet<string> Texts =
    [
        "<|eot_id|>", "<|im_end|>", EndOfMessage, "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>", "<|endoftext|>", "</s>",
        "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>", "<end_of_utterance>", "<eos>", "<turn|>", "<|tool_response>",
        "<｜end▁of▁sentence｜>", "[e~[",
    ];

    /// <summary>Whether a token's text is such a marker.</summary>
    public static bool IsMarker(string text) => Texts.Contains(text);

    /// <summary>The ids that end a text: those that a file names first, then the markers among the tokens that are matched literally.</summary>
    /// <param name="named">Ids that the model's files name.</param>
    /// <param name="tokens">Tokens by id.</param>
    /// <param name="special">Whether an id is matched literally.</param>
    public static IReadOnlyList<int> With(IEnumerable<int> named, IReadOnlyList<string> tokens, IReadOnlyList<bool> special)
    {
        int[] markers = [.. Enumerable.Range(0, tokens.Count).Where(id => special[id] && IsMarker(tokens[id]))];
        HashSet<string> texts = [.. markers.Select(id => tokens[id])];
        bool calls = (texts.Contains("<|return|>") || texts.Contains("<|flush|>")) && (texts.Contains("<|call|>") || texts.Contains("<|calls|>"));
        return [.. named.Concat(markers.Where(id => !(calls && tokens[id] == EndOfMessage))).Distinct()];
    }
}
