using System.Text.Json;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>
/// Reads a byte-level BPE vocabulary from tokenizer.json; whatever would make other tokens than it describes is refused by name.
/// </summary>
internal static class FolderTokenizer
{
    private const int MostBytes = 128 << 20;

    /// <param name="folder">The model's folder.</param>
    /// <param name="config">Members of its config.json.</param>
    /// <param name="vocabulary">Ids the model has; those without a token are named [PADn].</param>
    public static TokenizerDefinition Read(string folder, JsonFields config, int vocabulary)
    {
        string path = Path.Combine(folder, "tokenizer.json");
        using JsonDocument document = JsonFile.Read(path, MostBytes);
        JsonFields root = new(path, document.RootElement);
        JsonFields model = root.Object("model");
        string preTokenizer = PreTokenizerRecognition.Name(root);
        RefuseVariants(root, model, preTokenizer);
        string?[] tokens = Tokens(model, vocabulary);
        bool[] special = AddedTokens(root, tokens);
        for (int id = 0; id < vocabulary; id++)
        {
            tokens[id] ??= Padding(id);
        }

        string? first = FirstToken(root);
        EndIds ends = EndIds.Read(folder, config, tokens!);
        int begin = first is null ? ends.BeginOfText : Array.IndexOf(tokens, first);
        return VocabularyRules.Check(
            path, new TokenizerDefinition(tokens!, special, Merges(model), preTokenizer, begin, ends.EndOfText, first is not null));
    }

    /// <summary>Name of an id that no token has, as llama.cpp's converter calls it.</summary>
    public static string Padding(int id) => $"[PAD{id}]";

    private static void RefuseVariants(JsonFields root, JsonFields model, string preTokenizer)
    {
        Require((model.OptionalText("type") ?? "BPE") == "BPE", model, "type", "only BPE is supported");
        Require(!model.Flag("byte_fallback"), model, "byte_fallback", "only byte-level BPE is supported");
        Require((model.OptionalReal("dropout") ?? 0) == 0, model, "dropout", "random tokenization is not supported");
        Require(
            string.IsNullOrEmpty(model.OptionalText("continuing_subword_prefix")), model, "continuing_subword_prefix", "is not supported");
        Require(string.IsNullOrEmpty(model.OptionalText("end_of_word_suffix")), model, "end_of_word_suffix", "is not supported");

        // Llama 3's rule and taking whole words from the vocabulary go together; the name "llama-bpe" implies both.
        bool expected = preTokenizer == PreTokenizers.LlamaBpe;
        Require(
            model.Flag("ignore_merges") == expected,
            model,
            "ignore_merges",
            $"must be {expected} where the pre-tokenizer is {preTokenizer}");
        Require(
            root.Find("normalizer") is null,
            root,
            "normalizer",
            $"{root.OptionalObject("normalizer")?.OptionalText("type")} is not supported; none is");
    }

    private static string?[] Tokens(JsonFields model, int vocabulary)
    {
        string?[] tokens = new string?[vocabulary];
        JsonFields map = model.Object("vocab");
        foreach (JsonProperty member in map.Members())
        {
            Place(
                map, tokens, member.Name, member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out int id) ? id : -1);
        }

        return tokens;
    }

    private static bool[] AddedTokens(JsonFields root, string?[] tokens)
    {
        bool[] special = new bool[tokens.Length];
        foreach (JsonFields added in root.Objects("added_tokens"))
        {
            foreach (string option in (string[])["lstrip", "rstrip", "single_word"])
            {
                Require(!added.Flag(option), added, option, "is not supported in added tokens");
            }

            int id = added.Integer("id");
            Place(added, tokens, added.Text("content"), id);
            special[id] = true;
        }

        return special;
    }

    private static void Place(JsonFields at, string?[] tokens, string token, int id)
    {
        Require((uint)id < (uint)tokens.Length, at, token, $"its id is {id}; the model has the ids 0 to {tokens.Length - 1}");
        Require(tokens[id] is null || tokens[id] == token, at, token, $"its id {id} is also that of \"{tokens[id]}\"");
        tokens[id] = token;
    }

    /// <summary>Merges as "left right"; newer files write pairs.</summary>
    private static string[] Merges(JsonFields model) => [.. model.Elements("merges").Select((merge, rank) => merge.ValueKind switch
    {
        JsonValueKind.String => merge.GetString()!,
        JsonValueKind.Array when merge.GetArrayLength() == 2
            && merge.EnumerateArray().All(part => part.ValueKind == JsonValueKind.String) =>
            $"{merge[0].GetString()} {merge[1].GetString()}",
        _ => throw model.Error($"merges[{rank}]", "two tokens are expected, as a string or as a pair"),
    })];

    /// <summary>The token every text starts with, by the post-processor's template; null where there is none.</summary>
    private static string? FirstToken(JsonFields root)
    {
        if (root.OptionalObject("post_processor") is not JsonFields processor)
        {
            return null;
        }

        List<JsonFields> steps = processor.OptionalText("type") == "Sequence" ? [.. processor.Objects("processors")] : [processor];
        steps.RemoveAll(step => step.OptionalText("type") == "ByteLevel");
        if (steps.Count == 0)
        {
            return null;
        }

        List<JsonFields> parts = [.. steps[0].Objects("single")];
        Require(
            steps.Count == 1 && steps[0].OptionalText("type") == "TemplateProcessing",
            root,
            "post_processor",
            "only ByteLevel and TemplateProcessing are supported");
        bool text = parts.Count is 1 or 2 && parts[^1].OptionalObject("Sequence") is not null;
        string? first = text && parts.Count == 2 ? parts[0].OptionalObject("SpecialToken")?.OptionalText("id") : null;
        Require(
            text && (first is not null || parts.Count == 1),
            root,
            "post_processor",
            "only a begin-of-text token before the text is supported");
        return first;
    }

    private static void Require(bool holds, JsonFields at, string name, string problem)
    {
        if (!holds)
        {
            throw at.Error(name, problem);
        }
    }
}
