using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.HuggingFace;

namespace AdaptiveKv.Unit.Inference.Reference;

/// <summary>
/// The engine's logits against <see cref="ReferenceModel"/>, on random shapes and in all storage types: token by token, as a prompt at the
/// staging width, and in one pass with known tiers.
/// </summary>
[Trait("Category", "Kernels")]
public sealed class ForwardTests : IDisposable
{
    private const int Length = 70; // More than two blocks of 32 tokens.

    private readonly TemporaryFolder folder = new();

    public static TheoryData<TensorType> Types => [.. Enum.GetValues<TensorType>()];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 12)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_shapes(int seed)
    {
        SampleModel model = SampleModel.Gguf(folder, SampleModel.Shape(seed, wide: false, RotaryLayout.Interleaved), TensorType.F32, seed);
        double[][] expected = ReferenceLogits.Expected(model, Length);

        ReferenceLogits.Agree(expected, model, Arithmetic.Float, Tolerance.Float);
        ReferenceLogits.Agree(expected, model, Arithmetic.Float, Tolerance.Half, BitWidth.Sixteen);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Weights_of_every_type(TensorType type) => Agree(Wide(type), Arithmetic.Float, Tolerance.Float);

    [Theory]
    [MemberData(nameof(Types))]
    public void Integer_products_of_every_type(TensorType type)
    {
        SampleModel model = Wide(type);
        bool keepsCodes = type is TensorType.Q4_0 or TensorType.Q4_1 or TensorType.Q4_K or TensorType.Q5_0 or TensorType.Q8_0;
        SampleModel packed = keepsCodes ? model : model with { Reference = RoundedWeights.Of(model.Reference) };
        Agree(packed, Arithmetic.Int8, type == TensorType.Q4_K ? Tolerance.RoundedScales : Tolerance.Int8);
    }

    [Theory]
    [InlineData(TensorType.F32)]
    [InlineData(TensorType.F16)]
    [InlineData(TensorType.BF16)]
    public void Folders(TensorType type)
    {
        using TinyFolder hub = new();
        SampleModel model = SampleModel.Folder(hub, SampleModel.Shape((int)type, wide: false, RotaryLayout.Halves), type, seed: 1);
        Agree(model, Arithmetic.Float, Tolerance.Float);
    }

    /// <summary>Over 256 tokens attention is cut into pieces and merged.</summary>
    [Fact]
    public void A_long_text() => Agree(Wide(TensorType.Q8_0), Arithmetic.Float, Tolerance.Float, length: 300);

    private SampleModel Wide(TensorType type) =>
        SampleModel.Gguf(folder, SampleModel.Shape((int)type, wide: true, RotaryLayout.Interleaved), type, (int)type);

    private static void Agree(SampleModel model, Arithmetic arithmetic, double tolerance, int length = Length) =>
        ReferenceLogits.Agree(ReferenceLogits.Expected(model, length), model, arithmetic, tolerance);
}
