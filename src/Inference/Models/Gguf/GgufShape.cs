namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>Reads Llama hyper-parameters from GGUF metadata.</summary>
internal static class GgufShape
{
    private const float DefaultRopeBase = 10000;

    /// <param name="path">The file, for errors.</param>
    /// <param name="metadata">Keys and values.</param>
    /// <param name="vocabulary">Number of tokens.</param>
    /// <param name="tiedOutput">Whether the file has no output matrix of its own.</param>
    public static LlamaShape Read(string path, GgufMetadata metadata, int vocabulary, bool tiedOutput)
    {
        RefuseVariants(metadata);
        int hidden = metadata.Integer("llama.embedding_length");
        int heads = metadata.Integer("llama.attention.head_count");
        int headDim = metadata.OptionalInteger("llama.attention.key_length") ?? LlamaRules.HeadDim(path, hidden, heads);
        RequireSame(metadata, "llama.attention.value_length", headDim, "the head dimension");
        RequireSame(metadata, "llama.rope.dimension_count", headDim, "the head dimension: partial rotary embedding is not supported");
        RequireSame(metadata, "llama.vocab_size", vocabulary, "the number of tokens");
        return LlamaRules.Check(path, new LlamaShape(
            Layers: metadata.Integer("llama.block_count"),
            Hidden: hidden,
            FeedForward: metadata.Integer("llama.feed_forward_length"),
            Heads: heads,
            KvHeads: metadata.OptionalInteger("llama.attention.head_count_kv") ?? heads,
            HeadDim: headDim,
            Vocabulary: vocabulary,
            ContextLength: metadata.Integer("llama.context_length"),
            RopeBase: (float)(metadata.OptionalReal("llama.rope.freq_base") ?? DefaultRopeBase),
            RmsEpsilon: (float)metadata.Real("llama.attention.layer_norm_rms_epsilon"),
            RotaryLayout: RotaryLayout.Interleaved,
            TiedOutput: tiedOutput));
    }

    /// <summary>Refuses another architecture before its keys are missed under Llama's names.</summary>
    public static void RequireLlama(GgufMetadata metadata)
    {
        string architecture = metadata.Text("general.architecture");
        if (architecture != "llama")
        {
            throw metadata.Error("general.architecture", $"is \"{architecture}\"; only \"llama\" is supported");
        }
    }

    private static void RefuseVariants(GgufMetadata metadata)
    {
        // Without a type, llama.cpp takes a factor as linear scaling; 0 and 1 both mean none.
        string scaling = metadata.OptionalText("llama.rope.scaling.type") ?? "linear";
        double factor = metadata.OptionalReal("llama.rope.scaling.factor") ?? metadata.OptionalReal("llama.rope.scale_linear") ?? 1;
        if (scaling is not ("none" or "linear") || (scaling == "linear" && factor is not (0 or 1)))
        {
            throw metadata.Error(
                "llama.rope.scaling.type", $"{scaling} scaling of the rotary frequencies (factor {factor}) is not supported");
        }

        if (metadata.OptionalInteger("llama.expert_count") is > 0 and int experts)
        {
            throw metadata.Error("llama.expert_count", $"a mixture of {experts} experts is not supported");
        }
    }

    private static void RequireSame(GgufMetadata metadata, string key, int expected, string what)
    {
        if (metadata.OptionalInteger(key) is int value && value != expected)
        {
            throw metadata.Error(key, $"is {value}; it must be {expected}, {what}");
        }
    }
}
