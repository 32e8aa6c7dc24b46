using System.Text.Json.Serialization;

namespace AdaptiveKv.Server.Wire;

/// <summary>An answer, or a part of one that is streamed.</summary>
/// <param name="Id">Names the answer.</param>
/// <param name="Object">Its kind, such as "chat.completion.chunk".</param>
/// <param name="Created">Seconds since 1970.</param>
/// <param name="Model">The model.</param>
/// <param name="Choices">The answers to the prompts.</param>
/// <param name="Usage">What was used; null until the end.</param>
internal sealed record AnswerDocument(
    string Id, string Object, long Created, string Model, IReadOnlyList<AnswerDocument.Choice> Choices, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] UsageDocument? Usage)
{
    /// <summary>One of the answers.</summary>
    internal sealed record Choice(int Index)
    {
        /// <summary>The text of a plain completion.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Text { get; init; }

        /// <summary>The message of a chat.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Message? Message { get; init; }

        /// <summary>What a streamed message gained.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Message? Delta { get; init; }

        /// <summary>Log-probabilities of its tokens, where they were asked for.</summary>
        public LogprobsDocument? Logprobs { get; init; }

        /// <summary>"stop" or "length"; null until the end.</summary>
        public string? FinishReason { get; init; }
    }

    /// <summary>A message of the assistant.</summary>
    internal sealed record Message(
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Content);
}

/// <summary>What an answer used.</summary>
internal sealed record UsageDocument(int PromptTokens, int CompletionTokens, int TotalTokens, UsageDocument.Details PromptTokensDetails, UsageDocument.Cache KvCache)
{
    /// <summary>Tokens of the prompts that were taken over from other sequences.</summary>
    internal sealed record Details(int CachedTokens);

    /// <summary>What the caches of the answers took, beside what they share with others.</summary>
    internal sealed record Cache(string Policy, long Bytes, double EffectiveBits);
}
