using System.Text.Json.Nodes;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;

namespace AdaptiveKv.Unit.Inference.Models.HuggingFace;

/// <summary>config.json: what loads, and the variants that are refused by name.</summary>
public sealed class FolderConfigTests : IDisposable
{
    private readonly TinyFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("model_type", "\"qwen2\"", "only \"llama\"")]
    [InlineData("attention_bias", "true", "biases")]
    [InlineData("mlp_bias", "true", "biases")]
    [InlineData("hidden_act", "\"gelu\"", "\"gelu\" is not supported")]
    [InlineData("rope_interleaved", "true", "interleaved")]
    [InlineData("partial_rotary_factor", "0.5", "partial rotary")]
    [InlineData("quantization_config", "{\"bits\": 4}", "quantized checkpoints")]
    [InlineData("rope_scaling", "{\"rope_type\": \"llama3\", \"factor\": 8.0}", "llama3 scaling")]
    [InlineData("rope_scaling", "{\"type\": \"linear\", \"factor\": 2.0}", "linear scaling")]
    [InlineData("rope_parameters", "{\"rope_type\": \"yarn\", \"rope_theta\": 10000.0}", "yarn scaling")]
    [InlineData("hidden_size", "\"32\"", "is a string; an integer")]
    [InlineData("hidden_size", "32.5", "is the number 32.5; an integer")]
    [InlineData("hidden_size", "99999999999999", "an integer is expected")]
    [InlineData("hidden_size", "null", "missing")]
    [InlineData("tie_word_embeddings", "1", "true or false")]
    [InlineData("rope_theta", "[1]", "is an array; a number")]
    [InlineData("rope_scaling", "4", "an object is expected")]
    public void Variants_and_wrong_types_are_refused(string name, string value, string problem)
    {
        folder.Config[name] = JsonNode.Parse(value);

        folder.Refused(name, problem);
    }

    [Theory]
    [InlineData("num_attention_heads", "0", "head dimension")]
    [InlineData("num_attention_heads", "5", "head dimension")]
    [InlineData("num_key_value_heads", "3", "number of KV heads")]
    [InlineData("num_hidden_layers", "-1", "number of layers")]
    [InlineData("hidden_size", "-32", "embedding length")]
    [InlineData("rope_theta", "0", "rotary base")]
    [InlineData("rope_theta", "1e999", "rotary base")]
    [InlineData("rms_norm_eps", "-1e-5", "RMSNorm epsilon")]
    [InlineData("max_position_embeddings", "0", "context length")]
    public void Numbers_that_make_no_decoder_are_refused(string name, string value, string field)
    {
        folder.Save();
        string config = folder.Config.ToJsonString();
        string old = folder.Config[name]!.ToJsonString();
        folder.Write("config.json", config.Replace($"\"{name}\":{old}", $"\"{name}\":{value}", StringComparison.Ordinal));

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => ModelFormats.Open(folder.Path));

        Assert.Equal(field, error.Field);
    }

    [Fact]
    public void The_newer_spelling_of_rotary_parameters_loads()
    {
        folder.Config.Remove("rope_theta");
        folder.Config["rope_parameters"] = TinyFolder.Parse("""{"rope_type": "default", "rope_theta": 500.0}""");
        folder.Config["rope_scaling"] = TinyFolder.Parse("""{"type": "default"}""");
        folder.Config["rope_interleaved"] = false;

        using ModelSource model = folder.Open();

        Assert.Equal(500f, model.Shape.RopeBase);
    }

    [Fact]
    public void Defaults_are_those_of_the_library()
    {
        foreach (string name in (string[])["rope_theta", "rms_norm_eps", "tie_word_embeddings", "hidden_act", "num_key_value_heads"])
        {
            folder.Config.Remove(name);
        }

        folder.Tensors[3] = folder.Tensors[3] with { Shape = [32, 32] };
        folder.Tensors[4] = folder.Tensors[4] with { Shape = [32, 32] };
        folder.Tensors.Add(("lm_head.weight", "BF16", [6, 32]));

        using ModelSource model = folder.Open();

        Assert.Equal(new LlamaShape(1, 32, 64, 2, 2, 16, 6, 64, 10000f, 1e-6f, RotaryLayout.Halves, TiedOutput: false), model.Shape);
    }

    [Theory]
    [InlineData("[]", "an object is expected")]
    [InlineData("{\"model_type\": ", "JSON")]
    [InlineData("{\"model_type\": \"\\udc00\"}", "unpaired surrogate")]
    [InlineData("", "JSON")]
    public void A_file_that_is_no_such_json_is_refused(string content, string problem)
    {
        folder.Save().Write("config.json", content);

        Refusal.Of(folder.Path, "JSON", problem);
    }

    [Fact]
    public void A_member_that_is_there_twice_is_refused()
    {
        folder.Save().Write("config.json", "{\"model_type\": \"llama\",\n \"model_type\": \"llama\"}");

        Refusal.Of(folder.Path, "model_type", "occurs twice, first in line 1");
    }

    [Fact]
    public void A_byte_order_mark_is_skipped()
    {
        folder.Save();
        string config = Path.Combine(folder.Path, "config.json");
        folder.Write("config.json", "\uFEFF" + File.ReadAllText(config));

        folder.Open().Dispose();
    }

    [Fact]
    public void Deep_and_large_json_is_refused()
    {
        folder.Save().Write("config.json", $"{{\"a\": {new string('[', 100_000)}");
        Refusal.Of(folder.Path, "JSON", "depth");
        folder.Write("config.json", new string(' ', (1 << 20) + 1));
        Refusal.Of(folder.Path, "size", "at most 1048576");
    }
}
