using System.Text;
using System.Text.Json.Nodes;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.Gguf;
using AdaptiveKv.Unit.Inference.Models.HuggingFace;

namespace AdaptiveKv.Unit.Inference.Reference;

/// <summary>A random model on disk, and the same in double precision.</summary>
/// <param name="Path">A GGUF file or a Hugging Face folder.</param>
/// <param name="Reference">Its hyper-parameters and weights.</param>
internal sealed record SampleModel(string Path, ReferenceModel Reference)
{
    private const double EmbeddingDeviation = 0.05; // Small, so that the norms' epsilon matters.

    private static readonly Dictionary<string, string> FolderNames = new()
    {
        ["token_embd.weight"] = "model.embed_tokens.weight",
        ["output_norm.weight"] = "model.norm.weight",
        ["output.weight"] = "lm_head.weight",
        ["attn_norm.weight"] = "input_layernorm.weight",
        ["attn_q.weight"] = "self_attn.q_proj.weight",
        ["attn_k.weight"] = "self_attn.k_proj.weight",
        ["attn_v.weight"] = "self_attn.v_proj.weight",
        ["attn_output.weight"] = "self_attn.o_proj.weight",
        ["ffn_norm.weight"] = "post_attention_layernorm.weight",
        ["ffn_gate.weight"] = "mlp.gate_proj.weight",
        ["ffn_up.weight"] = "mlp.up_proj.weight",
        ["ffn_down.weight"] = "mlp.down_proj.weight",
    };

    /// <summary>A shape from a seed; columns are whole blocks of every storage type where <paramref name="wide"/>.</summary>
    public static LlamaShape Shape(int seed, bool wide, RotaryLayout layout)
    {
        Random random = new(seed);
        int unit = wide ? 256 : 32;
        int headDim = wide ? 64 : random.GetItems([32, 64, 96, 128, 256], 1)[0];
        int kvHeads = wide ? 2 : random.Next(1, 4);
        int heads = kvHeads * (wide ? 2 : random.Next(1, 5));
        return new LlamaShape(
            Layers: random.Next(1, 4),
            Hidden: unit * (wide ? 1 : random.Next(2, 6)),
            FeedForward: unit * (wide ? 1 : random.Next(2, 8)),
            heads,
            kvHeads,
            headDim,
            Vocabulary: random.Next(20, 90),
            ContextLength: 512,
            RopeBase: random.GetItems([10_000f, 500_000f, 130_000f], 1)[0],
            RmsEpsilon: random.GetItems([1e-5f, 1e-6f], 1)[0],
            layout,
            TiedOutput: random.Next(2) == 0);
    }

    /// <summary>A GGUF file with weights of a type.</summary>
    /// <param name="folder">Where it is written.</param>
    /// <param name="shape">Its shape, with interleaved pairs.</param>
    /// <param name="type">Of all matrices.</param>
    /// <param name="seed">Of the weights.</param>
    /// <param name="deviation">What a tensor's usual deviation is multiplied by; 1 if not given.</param>
    /// <param name="row">The same by row.</param>
    public static SampleModel Gguf(
        TemporaryFolder folder, LlamaShape shape, TensorType type, int seed, Func<string, double>? deviation = null, Func<string, int, double>? row = null)
    {
        GgufBuilder builder = new GgufBuilder()
            .Set("general.architecture", "llama")
            .Set("llama.block_count", (uint)shape.Layers)
            .Set("llama.context_length", (uint)shape.ContextLength)
            .Set("llama.embedding_length", (uint)shape.Hidden)
            .Set("llama.feed_forward_length", (uint)shape.FeedForward)
            .Set("llama.attention.head_count", (uint)shape.Heads)
            .Set("llama.attention.head_count_kv", (uint)shape.KvHeads)
            .Set("llama.attention.key_length", (uint)shape.HeadDim)
            .Set("llama.attention.value_length", (uint)shape.HeadDim)
            .Set("llama.attention.layer_norm_rms_epsilon", shape.RmsEpsilon)
            .Set("llama.rope.freq_base", shape.RopeBase)
            .Set("llama.rope.dimension_count", (uint)shape.HeadDim)
            .Set("llama.vocab_size", (uint)shape.Vocabulary)
            .Set("tokenizer.ggml.model", "gpt2")
            .Set("tokenizer.ggml.pre", "smollm")
            .Set("tokenizer.ggml.tokens", Tokens(shape.Vocabulary))
            .Set("tokenizer.ggml.token_type", (int[])[3, .. Enumerable.Repeat(1, shape.Vocabulary - 1)])
            .Set("tokenizer.ggml.merges", TinyLlama.Merges)
            .Set("tokenizer.ggml.eos_token_id", 0u);
        Dictionary<string, double[][]> weights = [];
        foreach ((string name, int rows, int columns, TensorType own, byte[] data) in Tensors(shape, type, TensorType.F32, seed, deviation, row, weights))
        {
            builder.Add(new GgufBuilder.Tensor(name, rows == 1 ? [(ulong)columns] : [(ulong)columns, (ulong)rows], (uint)own, data));
        }

        return new SampleModel(folder.Write("model.gguf", builder.Build()), new ReferenceModel(shape, weights));
    }

    /// <summary>A Hugging Face folder with weights, norms among them, of a type.</summary>
    /// <param name="folder">Where it is written.</param>
    /// <param name="shape">Its shape, with halves as pairs.</param>
    /// <param name="type">F32, F16 or BF16.</param>
    /// <param name="seed">Of the weights.</param>
    public static SampleModel Folder(TinyFolder folder, LlamaShape shape, TensorType type, int seed)
    {
        JsonObject config = folder.Config;
        config["hidden_size"] = shape.Hidden;
        config["intermediate_size"] = shape.FeedForward;
        config["num_hidden_layers"] = shape.Layers;
        config["num_attention_heads"] = shape.Heads;
        config["num_key_value_heads"] = shape.KvHeads;
        config["head_dim"] = shape.HeadDim;
        config["vocab_size"] = shape.Vocabulary;
        config["max_position_embeddings"] = shape.ContextLength;
        config["rms_norm_eps"] = shape.RmsEpsilon;
        config["rope_theta"] = shape.RopeBase;
        config["tie_word_embeddings"] = shape.TiedOutput;
        folder.Tokenizer["model"]!["vocab"] = new JsonObject(Tokens(shape.Vocabulary).Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id)));
        Dictionary<string, double[][]> weights = [];
        JsonObject header = [];
        List<byte> content = [];
        foreach ((string name, int rows, int columns, TensorType own, byte[] data) in Tensors(shape, type, type, seed, null, null, weights))
        {
            string[] parts = name.Split('.', 3);
            JsonArray extents = rows == 1 ? [columns] : [rows, columns];
            header[parts[0] == "blk" ? $"model.layers.{parts[1]}.{FolderNames[parts[2]]}" : FolderNames[name]] = new JsonObject
            {
                ["dtype"] = own.ToString(),
                ["shape"] = extents,
                ["data_offsets"] = new JsonArray(content.Count, content.Count + data.Length),
            };
            content.AddRange(data);
        }

        byte[] json = Encoding.UTF8.GetBytes(header.ToJsonString());
        folder.Write("model.safetensors", [.. BitConverter.GetBytes((ulong)json.Length), .. json, .. content]);
        return new SampleModel(folder.Save().Path, new ReferenceModel(shape, weights));
    }

    private static string[] Tokens(int count) => [.. TinyLlama.Tokens, .. Enumerable.Range(6, count - 6).Select(id => $"x{id}")];

    private static IEnumerable<(string Name, int Rows, int Columns, TensorType Type, byte[] Data)> Tensors(
        LlamaShape shape,
        TensorType type,
        TensorType norms,
        int seed,
        Func<string, double>? deviation,
        Func<string, int, double>? row,
        Dictionary<string, double[][]> weights)
    {
        Random random = new(seed);
        foreach ((string name, int rows, int columns) in LlamaTensors.Of(shape))
        {
            bool norm = rows == 1;
            TensorType own = norm ? norms : type;
            double usual = norm ? 0.2 : name == LlamaTensors.Embedding ? EmbeddingDeviation : 1 / Math.Sqrt(columns);
            double factor = deviation?.Invoke(name) ?? 1;
            byte[][] stored = [.. Enumerable.Range(0, rows).Select(
                index => RandomWeights.Row(random, own, columns, usual * factor * (row?.Invoke(name, index) ?? 1), norm ? factor : 0))];
            weights[name] = [.. stored.Select(bytes => RandomWeights.Decode(own, bytes, columns))];
            yield return (name, rows, columns, own, [.. stored.SelectMany(bytes => bytes)]);
        }
    }
}
