using System.Text.Json;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>
/// Ids of begin and end of text in a folder's files. The begin is what the first file says that says any; the ends are those of all files, in
/// their order: generation_config.json, config.json, tokenizer_config.json, special_tokens_map.json.
/// </summary>
/// <param name="Begin">Id of the begin-of-text token; -1 where no file says.</param>
/// <param name="Ends">Ids that end a text or a turn, each once.</param>
internal sealed record FolderEnds(int Begin, IReadOnlyList<int> Ends)
{
    public const int MostBytes = 16 << 20;

    /// <param name="folder">The model's folder.</param>
    /// <param name="config">Members of its config.json.</param>
    /// <param name="tokens">Tokens by id.</param>
    /// <param name="remarks">Hears of ids and names that are none of a token.</param>
    public static FolderEnds Read(string folder, JsonFields config, string[] tokens, List<string> remarks)
    {
        List<JsonDocument> documents = [];
        try
        {
            List<JsonFields> numbers = [.. Fields("generation_config.json"), config];
            List<JsonFields> names = [.. Fields("tokenizer_config.json"), .. Fields("special_tokens_map.json")];
            int[] begins = [.. Ids(numbers, names, "bos", tokens, remarks)];
            int[] ends = [.. ((string[])["eos", "eot", "eom"]).SelectMany(kind => Ids(numbers, names, kind, tokens, remarks)).Distinct()];
            return new FolderEnds(begins.Length > 0 ? begins[0] : -1, ends);
        }
        finally
        {
            documents.ForEach(document => document.Dispose());
        }

        IEnumerable<JsonFields> Fields(string name)
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                documents.Add(JsonFile.Read(path, MostBytes));
                yield return new JsonFields(path, documents[^1].RootElement);
            }
        }
    }

    private static IEnumerable<int> Ids(
        IEnumerable<JsonFields> numbers, IEnumerable<JsonFields> names, string kind, string[] tokens, List<string> remarks) =>
        numbers.SelectMany(fields => Numbers(fields, $"{kind}_token_id", tokens.Length, remarks))
            .Concat(names.SelectMany(fields => Named(fields, $"{kind}_token", tokens, remarks)));

    /// <summary>An id or a list of ids; one that no token has is passed over.</summary>
    private static IEnumerable<int> Numbers(JsonFields fields, string name, int tokens, List<string> remarks)
    {
        JsonElement[] values = fields.Find(name) switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } list => list.GetArrayLength() > 0 ? [.. list.EnumerateArray()] : throw fields.Error(name, "is an empty list"),
            { } one => [one],
        };
        foreach (JsonElement value in values)
        {
            if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out long id))
            {
                throw fields.Error(name, "an integer or a list of integers is expected");
            }

            if (id >= 0 && id < tokens)
            {
                yield return (int)id;
            }
            else
            {
                remarks.Add($"{fields.Path}: {name} is {id}; the vocabulary has the ids 0 to {tokens - 1}: taken as none");
            }
        }
    }

    /// <summary>The token by its text, as a string or as an object with its content.</summary>
    private static IEnumerable<int> Named(JsonFields fields, string name, string[] tokens, List<string> remarks)
    {
        string? token = fields.Find(name)?.ValueKind == JsonValueKind.Object
            ? fields.Object(name).Text("content")
            : fields.OptionalText(name);
        if (token is null)
        {
            yield break;
        }

        int id = Array.IndexOf(tokens, token);
        if (id >= 0)
        {
            yield return id;
        }
        else
        {
            remarks.Add($"{fields.Path}: {name} is \"{token}\", which is no token of the vocabulary: taken as none");
        }
    }
}
