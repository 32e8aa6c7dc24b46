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
    /// <param name="remarks">Hears what was passed over.</param>
    public static TokenizerDefinition Read(string folder, JsonFields config, int vocabulary, List<string> remarks)
    {
        string path = Path.Combine(folder, "tokenizer.json");
        using JsonDocument document = JsonFile.Read(path, MostBytes);
        JsonFields root = new(path, document.RootElement);
        JsonFields model = root.Object("model");
        string preTokenizer = PreTokenizerRecognition.Name(root);
        RefuseVariants(root, model);
        FolderVocabulary tokens = new(model, vocabulary);
        tokens.Add(root);
        bool wholePieces = model.Flag("ignore_merges");
        (string[] texts, bool[] special) = (tokens.Texts(), tokens.Special);
        int first = FolderTemplate.FirstToken(root, texts);
        FolderEnds ends = FolderEnds.Read(folder, config, texts, remarks);
        return VocabularyRules.Check(
            path,
            new TokenizerDefinition(
                texts, special, Merges(model), preTokenizer, first >= 0 ? first : ends.Begin, EndMarkers.With(ends.Ends, texts, special), first >= 0)
            {
                Details = tokens.Details(model) with
                {
                    TakesWholePieces = wholePieces == PreTokenizers.IsLlama3(preTokenizer) ? null : wholePieces,
                },
            });
    }

    private static void RefuseVariants(JsonFields root, JsonFields model)
    {
        Require((model.OptionalText("type") ?? "BPE") == "BPE", model, "type", "only BPE is supported");
        Require((model.OptionalReal("dropout") ?? 0) == 0, model, "dropout", "random tokenization is not supported");
        Require(
            string.IsNullOrEmpty(model.OptionalText("continuing_subword_prefix")), model, "continuing_subword_prefix", "is not supported");
        Require(string.IsNullOrEmpty(model.OptionalText("end_of_word_suffix")), model, "end_of_word_suffix", "is not supported");
        Require(
            root.OptionalObject("normalizer") is not JsonFields normalizer
                || (normalizer.OptionalText("type") == "Sequence" && !normalizer.Objects("normalizers").Any()),
            root,
            "normalizer",
            $"{root.OptionalObject("normalizer")?.OptionalText("type")} is not supported; none is");
    }

    /// <summary>Merges as "left right"; newer files write pairs. Of equal merges the last counts, as in the reference.</summary>
    private static string[] Merges(JsonFields model)
    {
        string[] merges = [.. model.Elements("merges").Select((merge, rank) => merge.ValueKind switch
        {
            JsonValueKind.String => merge.GetString()!,
            JsonValueKind.Array when merge.GetArrayLength() == 2
                && merge.EnumerateArray().All(part => part.ValueKind == JsonValueKind.String) =>
                $"{merge[0].GetString()} {merge[1].GetString()}",
            _ => throw model.Error($"merges[{rank}]", "two tokens are expected, as a string or as a pair"),
        })];
        HashSet<string> later = [];
        Array.Reverse(merges);
        merges = [.. merges.Where(later.Add)];
        Array.Reverse(merges);
        return merges;
    }

    private static void Require(bool holds, JsonFields at, string name, string problem)
    {
        if (!holds)
        {
            throw at.Error(name, problem);
        }
    }
}
