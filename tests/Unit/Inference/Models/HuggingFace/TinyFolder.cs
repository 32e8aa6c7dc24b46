using System.Text;
using System.Text.Json.Nodes;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;

namespace AdaptiveKv.Unit.Inference.Models.HuggingFace;

/// <summary>The model of <see cref="Gguf.TinyLlama"/> as a Hugging Face folder; each file can be changed before it is written.</summary>
internal sealed class TinyFolder : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public string Path => folder.Path;

    public JsonObject Config { get; } = Parse("""
        {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1,
         "num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 6, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
         "rope_theta": 10000.0, "rope_scaling": null, "tie_word_embeddings": true, "hidden_act": "silu",
         "bos_token_id": 0, "eos_token_id": 0}
        """);

    public JsonObject Tokenizer { get; } = Parse("""
        {"added_tokens": [{"id": 0, "content": "<|end|>", "single_word": false, "lstrip": false, "rstrip": false, "special": true}],
         "normalizer": null, "post_processor": null,
         "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": true},
           {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}]},
         "model": {"type": "BPE", "dropout": null, "unk_token": "<|end|>", "continuing_subword_prefix": null, "end_of_word_suffix": null,
           "fuse_unk": false, "byte_fallback": false, "vocab": {"<|end|>": 0, "a": 1, "b": 2, "c": 3, "ab": 4, "abc": 5},
           "merges": ["a b", "ab c"]}}
        """);

    /// <summary>Tensors in the order of their data; all zeros.</summary>
    public List<(string Name, string DataType, long[] Shape)> Tensors { get; } =
    [
        ("model.embed_tokens.weight", "BF16", [6, 32]),
        ("model.layers.0.input_layernorm.weight", "F32", [32]),
        ("model.layers.0.self_attn.q_proj.weight", "BF16", [32, 32]),
        ("model.layers.0.self_attn.k_proj.weight", "BF16", [16, 32]),
        ("model.layers.0.self_attn.v_proj.weight", "F16", [16, 32]),
        ("model.layers.0.self_attn.o_proj.weight", "BF16", [32, 32]),
        ("model.layers.0.post_attention_layernorm.weight", "BF16", [32]),
        ("model.layers.0.mlp.gate_proj.weight", "BF16", [64, 32]),
        ("model.layers.0.mlp.up_proj.weight", "BF16", [64, 32]),
        ("model.layers.0.mlp.down_proj.weight", "BF16", [32, 64]),
        ("model.norm.weight", "F32", [32]),
    ];

    public string this[string name] => folder[name];

    public static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    public void Write(string name, string content) => folder.Write(name, content);

    public void Write(string name, byte[] content) => folder.Write(name, content);

    /// <summary>Writes config.json, tokenizer.json and, unless there is one, model.safetensors.</summary>
    public TinyFolder Save()
    {
        Write("config.json", Config.ToJsonString());
        Write("tokenizer.json", Tokenizer.ToJsonString());
        if (!System.IO.File.Exists(this["model.safetensors"]) && !System.IO.File.Exists(this["model.safetensors.index.json"]))
        {
            Write("model.safetensors", Weights(Tensors));
        }

        return this;
    }

    public ModelSource Open() => ModelFormats.Open(Save().Path);

    public void Refused(string field, string problem) => Refusal.Of(Save().Path, field, problem);

    /// <summary>A safetensors file of zeros.</summary>
    public static byte[] Weights(IEnumerable<(string Name, string DataType, long[] Shape)> tensors)
    {
        JsonObject header = Parse("""{"__metadata__": {"format": "pt"}}""");
        long end = 0;
        foreach ((string name, string dataType, long[] shape) in tensors)
        {
            long begin = end;
            end += shape.Aggregate(dataType == "F32" ? 4L : 2L, (product, extent) => product * extent);
            JsonArray extents = [.. shape.Select(extent => JsonValue.Create(extent))];
            header[name] = new JsonObject { ["dtype"] = dataType, ["shape"] = extents, ["data_offsets"] = new JsonArray(begin, end) };
        }

        return File(header.ToJsonString(), end);
    }

    /// <summary>A file with any header.</summary>
    public static byte[] File(string header, long dataBytes, ulong? headerLength = null)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes(headerLength ?? (ulong)json.Length), .. json, .. new byte[dataBytes]];
    }

    public void Dispose() => folder.Dispose();
}
