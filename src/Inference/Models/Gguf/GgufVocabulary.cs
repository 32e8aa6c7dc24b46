using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>Reads a byte-level BPE vocabulary from GGUF metadata (tokenizer.ggml.*).</summary>
internal static class GgufVocabulary
{
    private const int Normal = 1;
    private const int Control = 3;
    private const int UserDefined = 4;
    private const int Byte = 6;

    /// <param name="path">The file, for errors.</param>
    /// <param name="metadata">Its keys.</param>
    /// <param name="remarks">Hears what was passed over.</param>
    public static TokenizerDefinition Read(string path, GgufMetadata metadata, List<string> remarks)
    {
        string model = metadata.Text("tokenizer.ggml.model");
        if (model != "gpt2")
        {
            throw metadata.Error("tokenizer.ggml.model", $"is \"{model}\"; only \"gpt2\", byte-level BPE, is supported");
        }

        string[] tokens = metadata.Texts("tokenizer.ggml.tokens");
        if (metadata.Has("tokenizer.ggml.scores"))
        {
            RequireCount(metadata, "tokenizer.ggml.scores", tokens.Length);
        }

        int[] types = Types(metadata, tokens);
        bool[] special = [.. types.Select(type => type is Control or UserDefined)];
        string preTokenizer = PreTokenizerName(path, metadata, remarks);
        GgufTokenizerDetails? own = GgufTokenizerDetails.Read(metadata, tokens.Length);
        IEnumerable<int> ends = GgufTokenizerDetails.EndKeys.SelectMany(key => metadata.Ids(key, tokens.Length, remarks)).Concat(own?.EndTokens ?? []);
        Dictionary<int, AddedToken> added =
            Enumerable.Range(0, tokens.Length).Where(id => types[id] == UserDefined).ToDictionary(id => id, _ => AddedToken.UserDefined);
        foreach ((int id, AddedToken rule) in own?.Details.Added ?? TokenizerDetails.Usual.Added)
        {
            added[id] = rule;
        }

        return VocabularyRules.Check(path, new TokenizerDefinition(
            tokens,
            special,
            metadata.Texts("tokenizer.ggml.merges"),
            preTokenizer,
            BeginOfText(path, metadata, tokens.Length, PreTokenizers.IsLlama3(preTokenizer), remarks, out bool begins),
            EndMarkers.With(ends, tokens, special),
            begins)
        {
            Details = (own?.Details ?? TokenizerDetails.Usual) with { Added = added },
        });
    }

    private static string PreTokenizerName(string path, GgufMetadata metadata, List<string> remarks)
    {
        if (metadata.OptionalText("tokenizer.ggml.pre") is string name)
        {
            return name;
        }

        remarks.Add($"{path}: tokenizer.ggml.pre is missing: texts are cut by llama.cpp's rule for such files, which may not be the model's; convert it again");
        return PreTokenizers.Default;
    }

    /// <summary>Id of begin-of-text; -1 where the file has none.</summary>
    private static int BeginOfText(string path, GgufMetadata metadata, int tokens, bool implied, List<string> remarks, out bool begins)
    {
        const string key = "tokenizer.ggml.bos_token_id";
        begins = metadata.OptionalFlag("tokenizer.ggml.add_bos_token") ?? implied;
        if (metadata.Ids(key, tokens, remarks) is [int id, ..])
        {
            return id;
        }

        if (begins && metadata.Has(key))
        {
            remarks.Add($"{path}: texts start without a begin-of-text token, as there is none");
            begins = false;
        }

        return -1;
    }

    /// <summary>Types of the tokens; a marker of an end is a control token whatever its file says, as in llama.cpp.</summary>
    private static int[] Types(GgufMetadata metadata, string[] tokens)
    {
        const string key = "tokenizer.ggml.token_type";
        int[] types = metadata.OptionalIntegers(key) ?? [.. Enumerable.Repeat(Normal, tokens.Length)];
        if (metadata.Has(key))
        {
            RequireCount(metadata, key, tokens.Length);
        }

        int wrong = Array.FindIndex(types, type => type is < Normal or > Byte);
        return wrong < 0
            ? [.. types.Select((type, id) => EndMarkers.IsMarker(tokens[id]) ? Control : type)]
            : throw metadata.Error(key, $"token {wrong} has the type {types[wrong]}; {Normal} to {Byte} are defined");
    }

    private static void RequireCount(GgufMetadata metadata, string key, int tokens)
    {
        int count = metadata.Count(key);
        if (count != tokens)
        {
            throw metadata.Error(key, $"has {count} elements; there are {tokens} tokens");
        }
    }
}
