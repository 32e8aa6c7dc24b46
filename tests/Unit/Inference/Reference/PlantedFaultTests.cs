using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Inference.Reference;

/// <summary>What the comparison with the reference is worth: a decoder that is wrong in one small thing is far outside the tolerance.</summary>
public sealed class PlantedFaultTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Faults => [.. Wrong.Keys];

    private static Dictionary<string, Func<ReferenceModel, ReferenceModel>> Wrong { get; } = new()
    {
        ["rotary base 0.1 % higher"] = model => model with { Shape = model.Shape with { RopeBase = model.Shape.RopeBase * 1.001f } },
        ["rotary pairs of halves"] = model => model with { Shape = model.Shape with { RotaryLayout = RotaryLayout.Halves } },
        ["epsilon 10 % higher"] = model => model with { Shape = model.Shape with { RmsEpsilon = model.Shape.RmsEpsilon * 1.1f } },
        ["queries scaled by 1.001"] = model => model.With("blk.0.attn_q.weight", rows => [.. rows.Select(row => row.Select(x => x * 1.001).ToArray())]),
        ["KV heads in another order"] = model => model.With("blk.0.attn_k.weight", rows => [.. rows[model.Shape.HeadDim..], .. rows[..model.Shape.HeadDim]]),
        ["one value weight 2 % wrong"] = model => model.With("blk.0.attn_v.weight", rows => [[rows[0][0] * 1.02, .. rows[0][1..]], .. rows[1..]]),
        ["gate and up exchanged"] = model => model
            .With("blk.0.ffn_gate.weight", _ => model.Weights["blk.0.ffn_up.weight"]).With("blk.0.ffn_up.weight", _ => model.Weights["blk.0.ffn_gate.weight"]),
        ["last norm left out"] = model => model.With(LlamaTensors.OutputNorm, rows => [[.. rows[0].Select(_ => 1.0)]]),
        ["output tied or not"] = model => model.Shape.TiedOutput
            ? model.With(LlamaTensors.Embedding, rows => [.. rows.Reverse()])
            : model with { Shape = model.Shape with { TiedOutput = true } },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_wrong_decoder_is_found(string fault)
    {
        LlamaShape shape = SampleModel.Shape(3, wide: true, RotaryLayout.Interleaved);
        SampleModel model = SampleModel.Gguf(folder, shape, TensorType.F32, 3);
        int[] tokens = ReferenceLogits.Tokens(model, 40);
        (_, float[][] actual) = ReferenceLogits.AllWays(model.Path, Arithmetic.Float, tokens, BitWidth.ThirtyTwo).First();

        double right = ReferenceLogits.Difference(model.Reference.Logits(tokens), actual);
        double wrong = ReferenceLogits.Difference(Wrong[fault](model.Reference).Logits(tokens), actual);

        TestContext.Current.TestOutputHelper?.WriteLine($"{right:G3} right, {wrong:G3} wrong");
        Assert.InRange(right, 0, Tolerance.Float);
        Assert.True(wrong > 3 * Tolerance.Float, $"{fault}: {wrong:G3} is no more than three times the tolerance of {Tolerance.Float:G3}");
    }
}
