using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>Reads a byte-level BPE vocabulary from GGUF metadata (tokenizer.ggml.*).</summary>
internal static class GgufVocabulary
{
    private const int Normal = 1;
    private const int Control = 3;
    private const int UserDefined = 4;
    private const int Byte = 6;

    public static TokenizerDefinition Read(string path, GgufMetadata metadata)
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

        string preTokenizer = metadata.Text("tokenizer.ggml.pre");
        return VocabularyRules.Check(path, new TokenizerDefinition(
            tokens,
            Special(metadata, tokens.Length),
            metadata.Texts("tokenizer.ggml.merges"),
            preTokenizer,
            metadata.OptionalInteger("tokenizer.ggml.bos_token_id") ?? -1,
            metadata.OptionalInteger("tokenizer.ggml.eos_token_id") ?? -1,
            metadata.OptionalFlag("tokenizer.ggml.add_bos_token") ?? preTokenizer == PreTokenizers.LlamaBpe));
    }

    private static bool[] Special(GgufMetadata metadata, int count)
    {
        const string key = "tokenizer.ggml.token_type";
        bool[] special = new bool[count];
        if (metadata.OptionalIntegers(key) is not int[] types)
        {
            return special;
        }

        RequireCount(metadata, key, count);
        for (int id = 0; id < count; id++)
        {
            special[id] = types[id] switch
            {
                Control or UserDefined => true,
                >= Normal and <= Byte => false,
                _ => throw metadata.Error(key, $"token {id} has the type {types[id]}; {Normal} to {Byte} are defined"),
            };
        }

        return special;
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
