using System.Text.Json.Nodes;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.Gguf;
using AdaptiveKv.Inference.Models.Weights;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models.Gguf;
using AdaptiveKv.Unit.Inference.Models.HuggingFace;

namespace AdaptiveKv.Unit.Inference.Models.Conversion;

/// <summary>Whole models converted: they open again, say what they are, and differ by the rounding only.</summary>
public sealed class WeightQuantizationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<TensorType> Types => [TensorType.Q4_0, TensorType.Q4_1, TensorType.Q8_0];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Types))]
    public void Micro_model_opens_again_within_the_rounding_error(TensorType type)
    {
        using ModelSource original = ModelFormats.Open(SharedFiles.MicroModel);
        WeightQuantization.Write(original, type, folder["out.gguf"]);

        using ModelSource quantized = ModelFormats.Open(folder["out.gguf"]);

        Assert.Equal(original.Shape, quantized.Shape);
        Assert.Equal(original.Vocabulary.Tokens, quantized.Vocabulary.Tokens);
        Assert.Equal(original.Vocabulary.Merges, quantized.Vocabulary.Merges);
        Assert.Equal(TensorType.F32, quantized.Tensors["blk.1.ffn_norm.weight"].Type);
        Assert.Equal(TensorType.Q8_0, quantized.Tensors["token_embd.weight"].Type);
        Assert.Equal(type, quantized.Tensors["blk.1.attn_k.weight"].Type);
        foreach (string name in original.Tensors.Keys)
        {
            double error = RelativeError(Floats.Of(original, name), Floats.Of(quantized, name));
            double most = quantized.Tensors[name].Type switch { TensorType.F32 => 0, TensorType.Q8_0 => 0.012, _ => 0.12 };
            Assert.True(error <= most, $"{name}: {error:F4} of the norm");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Folder_and_gguf_of_the_same_weights_give_the_same_tensors(TensorType type)
    {
        using ModelSource gguf = ModelFormats.Open(SharedFiles.MicroModel);
        using ModelSource hub = ModelFormats.Open(Path.Combine(SharedFiles.Micro, "hf"));
        WeightQuantization.Write(gguf, type, folder["gguf.gguf"]);
        WeightQuantization.Write(hub, type, folder["hub.gguf"]);

        using ModelSource fromGguf = ModelFormats.Open(folder["gguf.gguf"]);
        using ModelSource fromHub = ModelFormats.Open(folder["hub.gguf"]);

        Assert.Equal(fromGguf.Shape, fromHub.Shape);
        Assert.Equal(fromGguf.Vocabulary.Special, fromHub.Vocabulary.Special);
        Assert.Equal(fromGguf.Vocabulary.Merges, fromHub.Vocabulary.Merges);
        foreach (string name in gguf.Tensors.Keys.Where(name => !name.EndsWith("_norm.weight", StringComparison.Ordinal)))
        {
            Assert.True(Floats.Of(fromGguf, name).AsSpan().SequenceEqual(Floats.Of(fromHub, name)), name);
        }
    }

    /// <summary>A scale of 16 bits has no digits for them: the format cannot hold such weights, and who makes the file hears how many.</summary>
    [Theory]
    [InlineData(TensorType.Q8_0, 1e-6f, 64)]
    [InlineData(TensorType.Q8_0, 6e-6f, 64)]
    [InlineData(TensorType.Q8_0, 1e-2f, 0)]
    [InlineData(TensorType.Q4_0, 3e-7f, 64)]
    [InlineData(TensorType.Q4_1, 3e-7f, 64)]
    [InlineData(TensorType.Q4_1, 1e-3f, 0)]
    public void Weights_too_small_for_a_scale_are_counted(TensorType type, float size, int most)
    {
        byte[] small = [.. Enumerable.Range(0, 16 * 32).SelectMany(i => BitConverter.GetBytes(i < 64 ? size * (1 + (i % 29)) / 29 * (i % 2 == 0 ? 1 : -1) : 0.5f))];
        GgufBuilder builder = TinyLlama.Builder(TensorType.F32).Change("blk.0.attn_k.weight", tensor => tensor with { Data = small });
        using ModelSource source = ModelFormats.Open(folder.Write("in.gguf", builder.Build()));
        List<string> notes = [];

        WeightQuantization.Write(source, type, folder["out.gguf"], log: notes.Add);

        if (most == 0)
        {
            Assert.Empty(notes);
            return;
        }

        string note = Assert.Single(notes);
        Assert.Matches("in.gguf: [0-9]+ weights in 1 tensors .blk.0.attn_k.weight first. are too small for a 16-bit scale", note);
        int count = int.Parse(note.Split(": ")[2].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(count, most / 2, most);
    }

    [Fact]
    public void Metadata_of_a_gguf_is_taken_over()
    {
        GgufBuilder builder = TinyLlama.Builder(TensorType.F16).Set("general.file_type", 1u).Set("general.tags", (string[])["a", "b"]);
        using (ModelSource source = ModelFormats.Open(folder.Write("in.gguf", builder.Build())))
        {
            WeightQuantization.Write(source, TensorType.Q4_1, folder["out.gguf"]);
        }

        using ModelFile file = ModelFile.Open(folder["out.gguf"]);
        GgufMetadata metadata = GgufReader.Read(file).Metadata;

        Assert.Equal(["a", "b"], metadata.Texts("general.tags"));
        Assert.Equal("tiny", metadata.Text("general.name"));
        Assert.Equal((3, 2), (metadata.Integer("general.file_type"), metadata.Integer("general.quantization_version")));
    }

    [Fact]
    public void Metadata_of_a_folder_is_written_in_ggufs_terms()
    {
        using TinyFolder hub = new();
        hub.Write("tokenizer_config.json", """{"chat_template": "{{ messages }}"}""");
        using (ModelSource source = hub.Open())
        {
            WeightQuantization.Write(source, TensorType.Q8_0, folder["out.gguf"]);
        }

        using ModelFile file = ModelFile.Open(folder["out.gguf"]);
        GgufMetadata metadata = GgufReader.Read(file).Metadata;

        Assert.Equal("{{ messages }}", metadata.Text("tokenizer.chat_template"));
        Assert.Equal([3, 1, 1, 1, 1, 1], metadata.OptionalIntegers("tokenizer.ggml.token_type")!);
        Assert.Equal(
            (7, 6, 16),
            (metadata.Integer("general.file_type"), metadata.Integer("llama.vocab_size"), metadata.Integer("llama.attention.key_length")));
        Assert.False(metadata.OptionalFlag("tokenizer.ggml.add_space_prefix"));
    }

    [Fact]
    public void What_gguf_has_no_key_for_is_kept_too()
    {
        using TinyFolder hub = new();
        hub.Config["eos_token_id"] = new JsonArray(3, 2, 5, 4);
        hub.Tokenizer["model"]!["fuse_unk"] = true;
        hub.Tokenizer["model"]!["ignore_merges"] = true;
        hub.Tokenizer["added_tokens"]![0]!["lstrip"] = true;
        hub.Tokenizer["added_tokens"]!.AsArray().Add(TinyFolder.Parse("""{"id": 2, "content": "b", "special": false, "single_word": true, "normalized": true}"""));
        hub.Tokenizer["added_tokens"]!.AsArray().Add(TinyFolder.Parse("""{"id": 3, "content": "c", "special": false}"""));
        using ModelSource source = hub.Open();
        WeightQuantization.Write(source, TensorType.Q8_0, folder["out.gguf"]);

        using ModelSource written = ModelFormats.Open(folder["out.gguf"]);

        Assert.Equal([3, 2, 5, 4, 0], source.Vocabulary.EndTokens);
        Assert.Equal(source.Vocabulary.EndTokens, written.Vocabulary.EndTokens);
        Assert.Equal(source.Vocabulary.Special, written.Vocabulary.Special);
        Assert.Equal(source.Vocabulary.Details.Added.OrderBy(token => token.Key), written.Vocabulary.Details.Added.OrderBy(token => token.Key));
        IReadOnlyDictionary<int, AddedToken> none = TokenizerDetails.Usual.Added;
        Assert.Equal(source.Vocabulary.Details with { Added = none }, written.Vocabulary.Details with { Added = none });
    }

    [Fact]
    public void A_split_model_becomes_one_whole_file()
    {
        using ModelSource source = ModelFormats.Open(SharedFiles.Require("cases/field/split/micro-00002-of-00002.gguf"));
        WeightQuantization.Write(source, TensorType.Q8_0, folder["out.gguf"]);

        using ModelSource written = ModelFormats.Open(folder["out.gguf"]);

        Assert.Equal(source.Tensors.Keys.Order(), written.Tensors.Keys.Order());
    }

    [Fact]
    public void The_same_input_gives_the_same_bytes_and_replaces_the_old_file()
    {
        using ModelSource source = ModelFormats.Open(SharedFiles.MicroModel);
        WeightQuantization.Write(source, TensorType.Q4_1, folder["a.gguf"]);
        folder.Write("b.gguf", "old");
        WeightQuantization.Write(source, TensorType.Q4_1, folder["b.gguf"]);

        Assert.Equal(File.ReadAllBytes(folder["a.gguf"]), File.ReadAllBytes(folder["b.gguf"]));
        Assert.Equal(["a.gguf", "b.gguf"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Quantized_weights_are_copied_to_their_own_type_and_refused_to_another()
    {
        GgufBuilder builder = TinyLlama.Builder(TensorType.Q4_1).Change(
            "token_embd.weight", tensor => TinyLlama.Matrix(tensor.Name, 6, 32, TensorType.Q8_0));
        using ModelSource source = ModelFormats.Open(folder.Write("in.gguf", builder.Build()));

        WeightQuantization.Write(source, TensorType.Q4_1, folder["out.gguf"]);
        ModelFormatException error = Assert.Throws<ModelFormatException>(
            () => WeightQuantization.Write(source, TensorType.Q4_0, folder["no.gguf"]));

        Assert.Contains("is quantized as Q4_1 already", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["no.gguf"]));
    }

    [Fact]
    public void Rows_that_fill_no_blocks_are_refused_before_anything_is_written()
    {
        GgufBuilder builder = TinyLlama.Builder(TensorType.F16).Set("llama.feed_forward_length", 48u);
        foreach (string name in (string[])["ffn_gate", "ffn_up"])
        {
            builder.Change($"blk.0.{name}.weight", tensor => TinyLlama.Matrix(tensor.Name, 48, 32, TensorType.F16));
        }

        builder.Change("blk.0.ffn_down.weight", tensor => TinyLlama.Matrix(tensor.Name, 32, 48, TensorType.F16));
        using ModelSource source = ModelFormats.Open(folder.Write("in.gguf", builder.Build()));

        ModelFormatException error = Assert.Throws<ModelFormatException>(
            () => WeightQuantization.Write(source, TensorType.Q4_0, folder["no.gguf"]));

        Assert.Contains("rows of 48 columns; Q4_0 stores blocks of 32", error.Message, StringComparison.Ordinal);
        Assert.Equal(["in.gguf"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(float.NaN, "NaN or infinity")]
    [InlineData(float.PositiveInfinity, "NaN or infinity")]
    [InlineData(1e9f, "beyond the range")]
    public void G28_weights_that_have_no_code_are_refused_and_leave_no_file(float weight, string problem)
    {
        byte[] data = new byte[16 * 32 * sizeof(float)];
        BitConverter.TryWriteBytes(data.AsSpan(5 * 32 * sizeof(float)), weight);
        GgufBuilder builder = TinyLlama.Builder(TensorType.F32).Change("blk.0.attn_v.weight", tensor => tensor with { Data = data });
        using ModelSource source = ModelFormats.Open(folder.Write("in.gguf", builder.Build()));

        ModelFormatException error = Assert.Throws<ModelFormatException>(
            () => WeightQuantization.Write(source, TensorType.Q4_0, folder["no.gguf"]));

        Assert.Contains($"row 5 holds", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(["in.gguf"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Progress_ends_at_the_total_and_cancellation_leaves_no_file()
    {
        using ModelSource source = ModelFormats.Open(SharedFiles.MicroModel);
        using CancellationTokenSource cancellation = new();
        List<QuantizationProgress> reports = [];

        WeightQuantization.Write(source, TensorType.Q4_0, folder["a.gguf"], new Reporter<QuantizationProgress>(reports.Add));
        Assert.Throws<OperationCanceledException>(() =>
            WeightQuantization.Write(
                source,
                TensorType.Q4_0,
                folder["b.gguf"],
                new Reporter<QuantizationProgress>(_ => cancellation.Cancel()),
                cancellation: cancellation.Token));

        Assert.Equal(source.Tensors.Values.Sum(tensor => (long)tensor.Rows * tensor.Columns), reports[^1].DoneWeights);
        Assert.Equal(reports[^1].TotalWeights, reports[^1].DoneWeights);
        Assert.Equal(["a.gguf"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Other_types_are_refused()
    {
        using ModelSource source = ModelFormats.Open(SharedFiles.MicroModel);

        Assert.Throws<ArgumentException>(() => WeightQuantization.Write(source, TensorType.Q4_K, folder["a.gguf"]));
    }

    [Fact]
    public void Interleaved_rows_come_from_the_two_halves_of_a_head() =>
        Assert.Equal([0, 2, 1, 3, 4, 6, 5, 7], Enumerable.Range(0, 8).Select(row => RowConversion.HalvesRow(row, 4)));

    private static double RelativeError(float[] expected, float[] actual) =>
        Math.Sqrt(expected.Zip(actual, (a, b) => Math.Pow(a - b, 2)).Sum() / expected.Sum(a => (double)a * a));
}
