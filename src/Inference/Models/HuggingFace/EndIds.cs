using System.Text.Json;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>
/// Ids of begin and end of text: generation_config.json, else config.json, else tokenizer_config.json; -1 where none says.
/// </summary>
/// <param name="BeginOfText">Id of the begin-of-text token.</param>
/// <param name="EndOfText">Id of the end-of-text token, the first where a file lists several.</param>
internal readonly record struct EndIds(int BeginOfText, int EndOfText)
{
    public const int MostBytes = 16 << 20;

    public static EndIds Read(string folder, JsonFields config, string[] tokens)
    {
        string generation = Path.Combine(folder, "generation_config.json");
        string tokenizer = Path.Combine(folder, "tokenizer_config.json");
        using JsonDocument? generationDocument = File.Exists(generation) ? JsonFile.Read(generation, MostBytes) : null;
        using JsonDocument? tokenizerDocument = File.Exists(tokenizer) ? JsonFile.Read(tokenizer, MostBytes) : null;
        JsonFields? generationFields = generationDocument is null ? null : new JsonFields(generation, generationDocument.RootElement);
        JsonFields? tokenizerFields = tokenizerDocument is null ? null : new JsonFields(tokenizer, tokenizerDocument.RootElement);
        return new EndIds(Find("bos_token"), Find("eos_token"));

        int Find(string name) => Id(generationFields, name) ?? Id(config, name) ?? Named(tokenizerFields, name, tokens) ?? -1;
    }

    private static int? Id(JsonFields? fields, string name)
    {
        string key = name + "_id";
        if (fields?.Find(key) is not JsonElement value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            value = value.GetArrayLength() > 0 ? value[0] : throw fields.Error(key, "is an empty list");
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id)
            ? id
            : throw fields.Error(key, "an integer or a list of integers is expected");
    }

    /// <summary>tokenizer_config.json names the token, as a string or as an object with its content.</summary>
    private static int? Named(JsonFields? fields, string name, string[] tokens)
    {
        string? token = fields?.Find(name)?.ValueKind == JsonValueKind.Object
            ? fields.Object(name).Text("content")
            : fields?.OptionalText(name);
        return token is null ? null : Array.IndexOf(tokens, token);
    }
}
