using AdaptiveKv.Inference.Models.Gguf;
using AdaptiveKv.Inference.Models.HuggingFace;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference.Models.Conversion;

/// <summary>Metadata of a quantized GGUF file: taken over from a GGUF source, made from the parts of a Hugging Face folder.</summary>
internal static class QuantizationMetadata
{
    private const int QuantizationVersion = 2;
    private const int NormalToken = 1;
    private const int ControlToken = 3;
    private const int UserDefinedToken = 4;
    private const int UnusedToken = 5;

    /// <summary>What is not taken over: a quantized file has its own.</summary>
    private static readonly HashSet<string> Replaced = ["general.file_type", "general.quantization_version", "general.alignment", .. GgufShards.Keys];

    public static GgufMetadataBuilder Of(ModelSource source, TensorType type)
    {
        GgufMetadataBuilder metadata = new();
        if (source is GgufModel gguf)
        {
            foreach (GgufEntry entry in gguf.Header.Metadata.Entries.Where(entry => !Replaced.Contains(entry.Key)))
            {
                metadata.Copy(gguf.Header.Metadata.Stored(entry));
            }
        }
        else
        {
            metadata.Add("general.architecture", "llama");
            metadata.Add("general.name", Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Path))));
            AddShape(metadata, source.Shape);
            AddVocabulary(metadata, source.Vocabulary);
            if (source.ChatTemplate is { } template)
            {
                metadata.Add(GgufModel.TemplateKey, template);
            }
        }

        metadata.Add("general.file_type", FileType(type));
        metadata.Add("general.quantization_version", QuantizationVersion);
        return metadata;
    }

    /// <summary>llama.cpp's number for a file of mostly this type (llama.h, enum llama_ftype).</summary>
    private static int FileType(TensorType type) => type switch
    {
        TensorType.Q4_0 => 2,
        TensorType.Q4_1 => 3,
        TensorType.Q8_0 => 7,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Q4_0, Q4_1 or Q8_0"),
    };

    /// <summary>Hyper-parameters under the names that GGUF gives them.</summary>
    public static void AddShape(GgufMetadataBuilder metadata, LlamaShape shape)
    {
        metadata.Add("llama.block_count", shape.Layers);
        metadata.Add("llama.context_length", shape.ContextLength);
        metadata.Add("llama.embedding_length", shape.Hidden);
        metadata.Add("llama.feed_forward_length", shape.FeedForward);
        metadata.Add("llama.attention.head_count", shape.Heads);
        metadata.Add("llama.attention.head_count_kv", shape.KvHeads);
        metadata.Add("llama.attention.key_length", shape.HeadDim);
        metadata.Add("llama.attention.value_length", shape.HeadDim);
        metadata.Add("llama.attention.layer_norm_rms_epsilon", shape.RmsEpsilon);
        metadata.Add("llama.rope.dimension_count", shape.HeadDim);
        metadata.Add("llama.rope.freq_base", shape.RopeBase);
        metadata.Add("llama.vocab_size", shape.Vocabulary);
    }

    private static void AddVocabulary(GgufMetadataBuilder metadata, TokenizerDefinition vocabulary)
    {
        metadata.Add("tokenizer.ggml.model", "gpt2");
        metadata.Add("tokenizer.ggml.pre", vocabulary.PreTokenizer);
        metadata.Add("tokenizer.ggml.tokens", vocabulary.Tokens);
        metadata.Add("tokenizer.ggml.token_type", vocabulary.Tokens.Select((token, id) =>
            vocabulary.Special[id] ? (vocabulary.Details.Added.GetValueOrDefault(id, AddedToken.Control).IsControl ? ControlToken : UserDefinedToken)
            : token == FolderVocabulary.Padding(id) ? UnusedToken
            : NormalToken).ToArray());
        metadata.Add("tokenizer.ggml.merges", vocabulary.Merges);
        if (vocabulary.BeginOfText >= 0)
        {
            metadata.Add("tokenizer.ggml.bos_token_id", vocabulary.BeginOfText);
        }

        GgufTokenizerDetails.Write(metadata, vocabulary);
        metadata.Add("tokenizer.ggml.add_bos_token", vocabulary.AddBeginOfText);
        metadata.Add("tokenizer.ggml.add_space_prefix", false);
    }
}
