using System.Text.Json.Nodes;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;

namespace AdaptiveKv.Unit.Inference.Models.HuggingFace;

/// <summary>Folders as a whole: their files, shards, names of tensors, tied and untied outputs.</summary>
public sealed class FolderModelTests : IDisposable
{
    private readonly TinyFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Tiny_folder_opens()
    {
        using ModelSource model = folder.Open();

        Assert.Equal(new LlamaShape(1, 32, 64, 2, 1, 16, 6, 64, 10000f, 1e-5f, RotaryLayout.Halves, TiedOutput: true), model.Shape);
        Assert.Equal(folder.Path, model.Path);
        ModelTensor keys = model.Tensors["blk.0.attn_k.weight"];
        Assert.Equal((TensorType.BF16, 16, 32), (keys.Type, keys.Rows, keys.Columns));
        Assert.Equal(TensorType.F16, model.Tensors["blk.0.attn_v.weight"].Type);
        Assert.Equal(1, model.Tensors["output_norm.weight"].Rows);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("model.safetensors")]
    public void A_missing_file_is_named(string name)
    {
        File.Delete(folder.Save()[name]);

        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => ModelFormats.Open(folder.Path));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("model.safetensors")]
    [InlineData("generation_config.json")]
    public void A_file_that_was_not_downloaded_is_refused_by_what_it_is(string name)
    {
        folder.Save().Write(name, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
        Refusal.Of(folder.Path, "content", "git-lfs pointer");
        folder.Write(name, "<!DOCTYPE html><html>");
        Refusal.Of(folder.Path, "content", "an HTML page");
        folder.Write(name, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]);
        Refusal.Of(folder.Path, "content", "packed with gzip");
    }

    [Fact]
    public void A_shard_that_is_missing_is_named_with_its_index()
    {
        Shard(("b.safetensors", folder.Tensors[..4]), ("a.safetensors", folder.Tensors[4..]));
        File.Delete(folder.Save()["b.safetensors"]);

        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => ModelFormats.Open(folder.Path));

        Assert.Equal($"{folder["b.safetensors"]}: no such file, though model.safetensors.index.json beside it names it", error.Message);
    }

    [Fact]
    public void A_pickle_is_never_loaded()
    {
        File.Delete(folder.Save()["model.safetensors"]);
        folder.Write("pytorch_model.bin", "anything");

        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => ModelFormats.Open(folder.Path));

        Assert.Contains("convert it to safetensors", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_are_one_model_with_one_hash()
    {
        Shard(("b.safetensors", folder.Tensors[..4]), ("a.safetensors", folder.Tensors[4..]));
        byte[] both = [.. File.ReadAllBytes(folder["a.safetensors"]), .. File.ReadAllBytes(folder["b.safetensors"])];

        using ModelSource model = folder.Open();

        Assert.Equal(11, model.Tensors.Count);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(both)), model.Sha256);
    }

    [Fact]
    public void Shards_that_share_or_miss_a_tensor_are_refused()
    {
        Shard(("a.safetensors", folder.Tensors[..6]), ("b.safetensors", folder.Tensors[5..]));
        folder.Refused("blk.0.attn_output.weight", "in two shards");
        Shard(("a.safetensors", folder.Tensors[..5]), ("b.safetensors", folder.Tensors[6..]));
        folder.Refused("blk.0.attn_output.weight", "missing");
        File.Delete(folder["b.safetensors"]);
        Assert.Contains(
            "b.safetensors", Assert.Throws<FileNotFoundException>(() => ModelFormats.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../model.safetensors")]
    [InlineData("/etc/model.safetensors")]
    [InlineData("sub\\model.safetensors")]
    [InlineData("model.bin")]
    [InlineData("")]
    public void An_index_names_files_of_its_own_folder_only(string name)
    {
        folder.Write(
            "model.safetensors.index.json",
            new JsonObject { ["weight_map"] = new JsonObject { ["model.norm.weight"] = name } }.ToJsonString());

        folder.Refused("weight_map.model.norm.weight", "in the folder of its index");
    }

    [Fact]
    public void An_index_without_shards_is_refused()
    {
        folder.Write("model.safetensors.index.json", """{"weight_map": {}}""");
        folder.Refused("weight_map.", "names no shard");
        folder.Write("model.safetensors.index.json", "{}");
        folder.Refused("weight_map", "missing");
    }

    [Fact]
    public void A_tied_output_stored_twice_and_derived_frequencies_are_left_out()
    {
        folder.Tensors.Add(("lm_head.weight", "BF16", [6, 32]));
        folder.Tensors.Add(("model.layers.0.self_attn.rotary_emb.inv_freq", "F32", [8]));

        using ModelSource model = folder.Open();

        Assert.Equal(11, model.Tensors.Count);
    }

    [Fact]
    public void An_untied_output_is_a_tensor_of_its_own()
    {
        folder.Config["tie_word_embeddings"] = false;
        folder.Tensors.Add(("lm_head.weight", "BF16", [6, 32]));

        using ModelSource model = folder.Open();

        Assert.False(model.Shape.TiedOutput);
        Assert.Equal(6, model.Tensors["output.weight"].Rows);
    }

    [Fact]
    public void Missing_extra_and_misshapen_tensors_are_refused()
    {
        folder.Tensors.Add(("model.layers.0.self_attn.q_proj.bias", "BF16", [32]));
        folder.Refused("model.layers.0.self_attn.q_proj.bias", "biases");
        File.Delete(folder["model.safetensors"]);
        folder.Tensors[^1] = ("model.layers.x.mlp.up_proj.weight", "BF16", [32]);
        folder.Refused("model.layers.x.mlp.up_proj.weight", "no tensor of a Llama decoder");
        File.Delete(folder["model.safetensors"]);
        folder.Tensors.RemoveAt(folder.Tensors.Count - 1);
        folder.Config["tie_word_embeddings"] = false;
        folder.Refused("output.weight", "missing");
        folder.Config["tie_word_embeddings"] = true;
        folder.Config["vocab_size"] = int.MaxValue;
        folder.Refused("token_embd.weight", "is 6 x 32; the hyper-parameters ask for 2147483647 x 32");
    }

    private void Shard(params (string Name, List<(string Name, string DataType, long[] Shape)> Tensors)[] shards)
    {
        JsonObject map = [];
        foreach ((string name, List<(string Name, string DataType, long[] Shape)> tensors) in shards)
        {
            folder.Write(name, TinyFolder.Weights(tensors));
            tensors.ForEach(tensor => map[tensor.Name] = name);
        }

        folder.Write(
            "model.safetensors.index.json",
            new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = 0 }, ["weight_map"] = map }.ToJsonString());
    }
}
