using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>
/// What GGUF has no keys for, under a key of our own as JSON: a file made from a Hugging Face folder then gives the folder's tokens. Other
/// programs pass the key over.
/// </summary>
/// <param name="EndTokens">Ids that end a text; all of them.</param>
/// <param name="Details">Rules of the tokenizer.</param>
internal sealed record GgufTokenizerDetails(int[] EndTokens, TokenizerDetails Details)
{
    private const string Key = "akv.tokenizer";
    private const string EndOfText = "tokenizer.ggml.eos_token_id";
    private const string EndOfTurn = "tokenizer.ggml.eot_token_id";
    private const string EndOfMessage = "tokenizer.ggml.eom_token_id";

    /// <summary>Keys of ids that end a text.</summary>
    public static IReadOnlyList<string> EndKeys { get; } = [EndOfText, EndOfTurn, EndOfMessage];

    /// <summary>The file's own; null where it has none.</summary>
    /// <param name="metadata">Its keys.</param>
    /// <param name="tokens">Number of tokens.</param>
    public static GgufTokenizerDetails? Read(GgufMetadata metadata, int tokens)
    {
        if (metadata.OptionalText(Key) is not string json)
        {
            return null;
        }

        GgufTokenizerDetails? read;
        try
        {
            read = JsonSerializer.Deserialize(json, GgufTokenizerJson.Default.GgufTokenizerDetails);
        }
        catch (JsonException error)
        {
            throw metadata.Error(Key, $"is no JSON of this program: {error.Message}");
        }

        return read is { EndTokens: not null, Details.Added: not null }
            && read.EndTokens.Concat(read.Details.Added.Keys).All(id => id >= 0 && id < tokens)
            && read.Details.Unknown >= -1 && read.Details.Unknown < tokens
            && !read.Details.Added.Values.Contains(null!)
                ? read
                : throw metadata.Error(Key, $"lacks members or holds ids outside 0 to {tokens - 1}");
    }

    /// <summary>Writes the ids that end a text under GGUF's keys, and what those cannot say under our own.</summary>
    public static void Write(GgufMetadataBuilder metadata, TokenizerDefinition vocabulary)
    {
        int[] ends = [.. vocabulary.EndTokens.Where((id, place) => place == 0 || !EndMarkers.IsMarker(vocabulary.Tokens[id]))];
        foreach ((string key, int id) in EndKeys.Zip(ends))
        {
            metadata.Add(key, id);
        }

        // A token's type says whether it is a control token; that merges cannot build it matters for single bytes only.
        TokenizerDetails details = vocabulary.Details with
        {
            Added = vocabulary.Details.Added.Where(pair => Plain(pair.Value, vocabulary.Tokens[pair.Key]) != AddedToken.Control
                && Plain(pair.Value, vocabulary.Tokens[pair.Key]) != AddedToken.UserDefined).ToDictionary(),
        };
        if (ends.Length > EndKeys.Count || details.Added.Count > 0 || details with { Added = TokenizerDetails.Usual.Added } != TokenizerDetails.Usual)
        {
            metadata.Add(Key, JsonSerializer.Serialize(new GgufTokenizerDetails([.. vocabulary.EndTokens], details), GgufTokenizerJson.Default.GgufTokenizerDetails));
        }
    }

    private static AddedToken Plain(AddedToken rule, string token) => token.Length == 1 ? rule : rule with { IsMerged = true };
}

/// <summary>JSON of <see cref="GgufTokenizerDetails"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GgufTokenizerDetails))]
internal sealed partial class GgufTokenizerJson : JsonSerializerContext;
