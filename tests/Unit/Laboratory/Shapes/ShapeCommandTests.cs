using AdaptiveKv.Cli;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.KvCache;
using AdaptiveKv.Laboratory;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Cli;

namespace AdaptiveKv.Unit.Laboratory.Shapes;

public sealed class ShapeCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly string folder = Directory.CreateTempSubdirectory("akv-shape-").FullName;

    public void Dispose()
    {
        terminal.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_model_has_the_shape_the_types_and_the_tokenizer_asked_for()
    {
        string path = Write("a.gguf", "--layers", "3", "--hidden", "256", "--kv-heads", "2", "--feed-forward", "320");

        using ModelSource like = ModelFormats.Open(Quantized), written = ModelFormats.Open(path);
        Assert.Equal(like.Shape with { Layers = 3, Hidden = 256, Heads = 256 / like.Shape.HeadDim, KvHeads = 2, FeedForward = 320 }, written.Shape);
        Assert.Equal(like.Vocabulary.Tokens, written.Vocabulary.Tokens);
        Assert.Equal(like.Vocabulary.Merges, written.Vocabulary.Merges);
        Assert.Equal((TensorType.Q4_1, TensorType.Q8_0, TensorType.F32), (written.Tensors["blk.2.ffn_up.weight"].Type, written.Tensors["token_embd.weight"].Type, written.Tensors["output_norm.weight"].Type));
        Assert.StartsWith($"{path}: ", terminal.Output, StringComparison.Ordinal);
        Assert.Contains(written.Sha256, terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_activations_keep_their_size_so_that_it_decodes()
    {
        using LlamaModel model = LlamaModel.Load(Write("a.gguf", "--layers", "6", "--hidden", "192"));
        using Session session = new(model, new SessionOptions { Threads = 1, Cache = new KvCacheOptions { MaxTokens = 8 } });

        float[] logits = session.Decode(5).ToArray();

        // Of a normed row with weights of variance 1 / columns: about standard normal.
        Assert.InRange(Math.Sqrt(logits.Average(logit => logit * logit)), 0.8, 1.2);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes()
    {
        byte[] first = File.ReadAllBytes(Write("a.gguf")), second = File.ReadAllBytes(Write("b.gguf")), other = File.ReadAllBytes(Write("c.gguf", "--seed", "7"));

        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Theory]
    [InlineData(ExitCode.Usage, "100 columns; a row of", "--hidden", "100", "--heads", "2", "--kv-heads", "1")]
    [InlineData(ExitCode.BadData, "a divisor of the 3 query heads", "--heads", "3", "--kv-heads", "2")]
    [InlineData(ExitCode.Usage, "--layers '0': expected a whole number from 1", "--layers", "0")]
    public void A_shape_that_no_model_can_have_is_refused(int code, string words, params string[] options)
    {
        string path = Path.Combine(folder, "a.gguf");

        Assert.Equal(code, Run(path, options));
        Assert.Contains(terminal.ErrorLines, line => line.Contains(words, StringComparison.Ordinal));
        Assert.False(File.Exists(path));
    }

    private string Quantized
    {
        get
        {
            string path = Path.Combine(folder, "like.gguf");
            if (!File.Exists(path))
            {
                using ModelSource micro = ModelFormats.Open(SharedFiles.MicroModel);
                WeightQuantization.Write(micro, TensorType.Q4_1, path);
            }

            return path;
        }
    }

    private string Write(string name, params string[] options)
    {
        string path = Path.Combine(folder, name);
        int code = Run(path, options);
        Assert.True(code == ExitCode.Done, string.Join('\n', terminal.ErrorLines));
        return path;
    }

    private int Run(string path, string[] options) => Experiments.Run(["shape", "--like", Quantized, "--output", path, .. options], terminal.Terminal);
}
