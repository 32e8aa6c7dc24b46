namespace AdaptiveKv.Inference.Models.HuggingFace;

/// <summary>Reads Llama hyper-parameters from config.json and refuses the variants that are not supported, each by name.</summary>
internal static class FolderConfig
{
    private const double DefaultRmsEpsilon = 1e-6;

    /// <param name="path">config.json, for errors.</param>
    /// <param name="config">Its members.</param>
    /// <param name="remarks">Hears what was passed over.</param>
    public static LlamaShape Read(string path, JsonFields config, List<string> remarks)
    {
        RefuseVariants(config);
        int hidden = config.Integer("hidden_size");
        int heads = config.Integer("num_attention_heads");
        return LlamaRules.Check(path, new LlamaShape(
            Layers: config.Integer("num_hidden_layers"),
            Hidden: hidden,
            FeedForward: config.Integer("intermediate_size"),
            Heads: heads,
            KvHeads: config.OptionalInteger("num_key_value_heads") ?? heads,
            HeadDim: config.OptionalInteger("head_dim") ?? LlamaRules.HeadDim(path, hidden, heads),
            Vocabulary: config.Integer("vocab_size"),
            ContextLength: config.Integer("max_position_embeddings"),
            RopeBase: (float)FolderRope.Base(config, remarks),
            RmsEpsilon: (float)(config.OptionalReal("rms_norm_eps") ?? DefaultRmsEpsilon),
            RotaryLayout: RotaryLayout.Halves,
            TiedOutput: config.Flag("tie_word_embeddings")));
    }

    private static void RefuseVariants(JsonFields config)
    {
        string architecture = config.OptionalText("model_type") ?? "none";
        if (architecture != "llama")
        {
            throw config.Error("model_type", $"is \"{architecture}\"; only \"llama\" is supported");
        }

        foreach (string name in (string[])["attention_bias", "mlp_bias"])
        {
            Refuse(config.Flag(name), config, name, "models with biases are not supported");
        }

        string activation = config.OptionalText("hidden_act") ?? "silu";
        Refuse(activation is not ("silu" or "swish"), config, "hidden_act", $"the activation \"{activation}\" is not supported; silu is");
        Refuse(
            config.Flag("rope_interleaved"),
            config,
            "rope_interleaved",
            "interleaved rotary pairs are not supported in a Hugging Face folder");
        Refuse(
            (config.OptionalReal("partial_rotary_factor") ?? 1) != 1,
            config,
            "partial_rotary_factor",
            "partial rotary embedding is not supported");
        Refuse(
            config.Find("quantization_config") is not null,
            config,
            "quantization_config",
            "quantized checkpoints are not supported; use the original one or a GGUF file");
    }

    private static void Refuse(bool found, JsonFields config, string name, string problem)
    {
        if (found)
        {
            throw config.Error(name, problem);
        }
    }
}
