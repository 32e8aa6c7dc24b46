using System.Text.Json.Serialization;

namespace AdaptiveKv.Server.Wire;

/// <summary>Log-probabilities of tokens, in the form of plain completions or in that of chats.</summary>
internal sealed record LogprobsDocument
{
    /// <summary>Texts of the tokens.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Tokens { get; init; }

    /// <summary>Theirs; null for the first token of all, which nothing predicts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double?>? TokenLogprobs { get; init; }

    /// <summary>Those of the likeliest tokens at each place, and of the one that is there.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyDictionary<string, double>?>? TopLogprobs { get; init; }

    /// <summary>Characters before each token.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? TextOffset { get; init; }

    /// <summary>The form of chats.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Entry>? Content { get; init; }

    /// <summary>A token in the form of chats.</summary>
    internal sealed record Entry(string Token, double Logprob, IReadOnlyList<int> Bytes)
    {
        /// <summary>The likeliest tokens at its place.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<Entry>? TopLogprobs { get; init; }
    }
}
