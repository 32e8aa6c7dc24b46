using System.Text.Json;
using AdaptiveKv.Collection.Teacher;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.KvCache;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.HuggingFace;
using AdaptiveKv.Unit.Inference.Reference;

namespace AdaptiveKv.Unit.Collection.Teacher;

/// <summary>The Torch teacher against double precision, against the engine, and against PyTorch on the real model.</summary>
public sealed class TorchLlamaTests : IDisposable
{
    private const int Length = 40;

    private readonly TemporaryFolder folder = new();

    public static TheoryData<TensorType> Types => [.. Enum.GetValues<TensorType>()];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_shapes(int seed) => Agree(SampleModel.Gguf(folder, SampleModel.Shape(seed, wide: false, RotaryLayout.Interleaved), TensorType.F32, seed));

    [Theory]
    [MemberData(nameof(Types))]
    public void Weights_of_every_type(TensorType type) => Agree(SampleModel.Gguf(folder, SampleModel.Shape((int)type, wide: true, RotaryLayout.Interleaved), type, (int)type));

    [Theory]
    [InlineData(TensorType.F32)]
    [InlineData(TensorType.F16)]
    [InlineData(TensorType.BF16)]
    public void Folders(TensorType type)
    {
        using TinyFolder hub = new();
        Agree(SampleModel.Folder(hub, SampleModel.Shape((int)type, wide: false, RotaryLayout.Halves), type, seed: 1));
    }

    /// <summary>Two programs that share nothing but the file: the engine's float path, in all its ways through the layers, and the teacher.</summary>
    [Theory]
    [InlineData(4, 320, 640, 64, false)]
    [InlineData(32, 960, 2560, 2048, true)] // SmolLM-360M but for its vocabulary.
    public void The_engine_in_float(int layers, int hidden, int feedForward, int vocabulary, bool isSlow)
    {
        RealModel.Slow(isSlow, "a model of SmolLM-360M's shape");
        LlamaShape shape = new(layers, hidden, feedForward, 15, 5, 64, vocabulary, 512, 100_000f, 1e-5f, RotaryLayout.Interleaved, TiedOutput: true);
        SampleModel model = SampleModel.Gguf(folder, shape, TensorType.Q8_0, seed: 7);
        using TorchLlama teacher = TeacherModel.Open(model.Path);
        int[] tokens = ReferenceLogits.Tokens(model, Length);
        double[][] expected = [.. teacher.Read(tokens).Select(row => row.Select(logit => (double)logit).ToArray())];

        foreach ((string way, float[][] actual) in ReferenceLogits.AllWays(model.Path, Arithmetic.Float, tokens, BitWidth.ThirtyTwo))
        {
            double error = ReferenceLogits.Difference(expected, actual);
            TestContext.Current.TestOutputHelper?.WriteLine($"{way}: {error:G3}");

            // The tolerance was made for three layers.
            Assert.InRange(error, 0, Math.Max(1, layers / 3) * Tolerance.Float);
        }
    }

    [Fact]
    public void Golden_logits_likelihoods_and_greedy_tokens()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(SharedFiles.Require("golden/logits.json")));
        using TorchLlama teacher = TeacherModel.Open(SharedFiles.SmolLm);
        double worst = 0;
        foreach (JsonElement prompt in golden.RootElement.EnumerateArray())
        {
            int[] tokens = [.. prompt.GetProperty("tokens").EnumerateArray().Select(token => token.GetInt32())], greedy = [.. prompt.GetProperty("greedy").EnumerateArray().Select(token => token.GetInt32())];
            float[][] logits = teacher.Read([.. tokens, .. greedy[..^1]]);

            foreach ((int i, JsonElement nll) in prompt.GetProperty("nll").EnumerateArray().Index())
            {
                worst = Math.Max(worst, Math.Abs(-LogProbabilities.Of(logits[i], tokens[i + 1]) - nll.GetDouble()));
            }

            foreach (JsonElement top in prompt.GetProperty("top").EnumerateArray())
            {
                worst = Math.Max(worst, Math.Abs(logits[tokens.Length - 1][top[0].GetInt32()] - top[1].GetDouble()));
            }

            Assert.Equal(greedy, greedy.Select((_, i) => System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(logits[tokens.Length - 1 + i])));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"worst {worst:G3}");
        Assert.InRange(worst, 0, 2e-3);
    }

    private static void Agree(SampleModel model)
    {
        using TorchLlama teacher = TeacherModel.Open(model.Path);

        double error = ReferenceLogits.Difference(ReferenceLogits.Expected(model, Length), teacher.Read(ReferenceLogits.Tokens(model, Length)));

        TestContext.Current.TestOutputHelper?.WriteLine($"{error:G3}");
        Assert.InRange(error, 0, Tolerance.Float);
    }
}
