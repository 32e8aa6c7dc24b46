using System.Text.Json;

namespace AdaptiveKv.Server.Wire;

/// <summary>A request to <c>/v1/completions</c>.</summary>
/// <param name="Common">What all requests have.</param>
/// <param name="Prompts">One or more.</param>
/// <param name="Logprobs">How many of the likeliest tokens are told at each place; null for no log-probabilities.</param>
/// <param name="Echo">Whether the answer begins with the prompt.</param>
internal sealed record CompletionRequest(CommonRequest Common, IReadOnlyList<CompletionRequest.Prompt> Prompts, int? Logprobs, bool Echo)
{
    /// <summary>Most log-probabilities at a place.</summary>
    public const int MostLogprobs = 20;

    private const int MostPrompts = 64;

    /// <summary>Reads a body.</summary>
    /// <exception cref="ApiException">It is no such request.</exception>
    public static CompletionRequest Read(ReadOnlyMemory<byte> body)
    {
        RequestFields fields = RequestFields.Of(body);
        CommonRequest common = CommonRequest.Read(fields, "max_tokens");
        IReadOnlyList<Prompt> prompts = ReadPrompts(fields.Find("prompt") ?? throw ApiException.Field("prompt", "is missing: expected a text, token ids, or an array of either"));
        CompletionRequest request = new(common, prompts, (int?)fields.Whole("logprobs", 0, MostLogprobs), fields.Flag("echo"));
        fields.Refuse(("suffix", "\"\""), ("best_of", $"{common.Count}"));
        fields.RequireNoMore();
        return request.Prompts.Count is > 0 and <= MostPrompts ? request : throw ApiException.Field("prompt", $"has {request.Prompts.Count} prompts: expected 1 to {MostPrompts}");
    }

    private static IReadOnlyList<Prompt> ReadPrompts(JsonElement value) => value switch
    {
        { ValueKind: JsonValueKind.String } => [Text(value)],
        { ValueKind: JsonValueKind.Array } when Holds(value, JsonValueKind.Number) => [Ids(value)],
        { ValueKind: JsonValueKind.Array } when Holds(value, JsonValueKind.String) => [.. value.EnumerateArray().Select(Text)],
        { ValueKind: JsonValueKind.Array } when Holds(value, JsonValueKind.Array) => [.. value.EnumerateArray().Select(Ids)],
        _ => throw RequestFields.Wrong("prompt", value, "a text, token ids, or an array of either"),
    };

    private static bool Holds(JsonElement array, JsonValueKind kind) => array.GetArrayLength() > 0 && array.EnumerateArray().All(item => item.ValueKind == kind);

    private static Prompt Text(JsonElement value) => new(RequestFields.TextOf(value, "prompt"), []);

    private static Prompt Ids(JsonElement value) => new(null, [.. value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id)
        ? id
        : throw RequestFields.Wrong("prompt", item, "token ids, which are whole numbers"))]);

    /// <summary>A text, or the tokens themselves.</summary>
    /// <param name="Text">The text; null where tokens are given.</param>
    /// <param name="Tokens">The tokens.</param>
    internal sealed record Prompt(string? Text, int[] Tokens);
}
