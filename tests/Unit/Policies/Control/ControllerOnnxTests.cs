using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Policies.Control;

/// <summary>The network in ONNX is the decoder's.</summary>
public sealed class ControllerOnnxTests
{
    private static readonly int Features = SaliencyFeatures.All.Count;

    public static TheoryData<int[], bool> Forms => new() { { [128], false }, { [128], true }, { [5, 3], false }, { [16, 8, 4], true } };

    [Theory]
    [MemberData(nameof(Forms))]
    public void It_gives_the_decoders_logits_and_choice(int[] hidden, bool predictsLoss)
    {
        Controller controller = Made(hidden, predictsLoss);
        OnnxModel model = new(ControllerOnnx.Of(controller));

        for (ulong row = 0; row < 100; row++)
        {
            float[] saliency = Sample.Numbers(Features, row, 6f);
            saliency[row % (ulong)Features] = (row % 5) switch { 0 => float.NaN, 1 => float.PositiveInfinity, 2 => float.NegativeInfinity, 3 => 40f, _ => 0f };
            float[] logits = new float[4];
            controller.Logits(saliency, logits);
            IReadOnlyDictionary<string, double[]> results = model.Run([.. controller.Features.Select(scale => saliency[(int)scale.Feature])]);

            Assert.All(logits.Zip(results["Logits"]), pair => Assert.Equal(pair.Second, pair.First, 1e-5 * (1 + Math.Abs(pair.Second))));
            Assert.Equal(controller.Choose(saliency, 0), (int)results["Tier"].Single());
            Assert.Equal(1, results["Score"].Sum(), 1e-9);
        }
    }

    [Fact]
    public void It_says_what_goes_in_and_comes_out()
    {
        OnnxModel model = new(ControllerOnnx.Of(Made([8], false)));

        Assert.Equal([$"Features 1 rows {Features}"], model.Inputs);
        Assert.Equal(["Logits 1 rows 4", "Score 1 rows 4", "Tier 7 rows 1"], model.Outputs);
        Assert.Equal(13, model.OperatorSet);
        Assert.Equal("2,4,8,16", model.Metadata["tiers"]);
        Assert.Equal(string.Join(',', SaliencyFeatures.All.Select(SaliencyFeatures.Name)), model.Metadata["features"]);
    }

    [Fact]
    public void The_same_controller_gives_the_same_bytes()
    {
        using TemporaryFolder folder = new();
        ControllerOnnx.Write(folder["a.onnx"], Made([8], true));

        Assert.Equal(ControllerOnnx.Of(Made([8], true)), File.ReadAllBytes(folder["a.onnx"]));
    }

    private static Controller Made(int[] hidden, bool predictsLoss)
    {
        Controller controller = Sample.Controller(SaliencyFeatures.All, hidden);
        return new Controller(controller.Features, controller.Layers, controller.Tiers, controller.Record) { PredictsLoss = predictsLoss };
    }
}
