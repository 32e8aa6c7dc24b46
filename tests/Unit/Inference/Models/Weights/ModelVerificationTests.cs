using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.Weights;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models.Gguf;

namespace AdaptiveKv.Unit.Inference.Models.Weights;

/// <summary>Reading all weights: sums, hash, and weights that are no numbers (G28).</summary>
public sealed class ModelVerificationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<TensorType> Types => [.. Enum.GetValues<TensorType>()];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_sound_model_is_summed_up()
    {
        using ModelSource model = ModelFormats.Open(SharedFiles.MicroModel);
        List<double> shares = [];

        VerificationReport report = ModelVerification.Verify(model, new Reporter<double>(shares.Add));

        Assert.True(report.IsSound);
        Assert.Equal(model.Sha256, report.Sha256);
        Assert.Equal(746_368, report.Summary.Parameters);
        Assert.Equal(
            [new TensorTypeShare(TensorType.F16, 22, 745_472, 1_490_944), new TensorTypeShare(TensorType.F32, 7, 896, 3_584)],
            report.Summary.Types);
        Assert.Equal(1_494_528, report.Summary.Bytes);
        Assert.Equal((29, 1.0), (shares.Count, shares[^1]));
    }

    [Fact]
    public void The_real_model_is_sound()
    {
        using ModelSource model = ModelFormats.Open(SharedFiles.SmolLm);

        VerificationReport report = ModelVerification.Verify(model);

        Assert.Empty(report.Faults);
        Assert.Equal(134_515_008, report.Summary.Parameters);
        Assert.Equal([TensorType.Q4_1, TensorType.Q8_0, TensorType.F32], report.Summary.Types.Select(share => share.Type));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void G28_a_weight_or_scale_that_is_no_number_is_found(TensorType type)
    {
        // Rows of 256 columns hold a block of every type; the last block of row 3 is spoilt.
        int rowBytes = WeightFormats.RowBytes(type, 256);
        byte[] data = new byte[32 * rowBytes];
        int block = WeightFormats.RowBytes(type, WeightFormats.BlockColumns(type));
        Span<byte> last = data.AsSpan((4 * rowBytes) - block, block);
        last[type switch { TensorType.F32 => 3, TensorType.Q6_K => 209, _ => 1 }] = 0x7F;
        last[type switch { TensorType.F32 => 2, TensorType.Q6_K => 208, _ => 0 }] = 0xFF;
        GgufBuilder builder = TinyLlama.Builder(TensorType.F16).Set("llama.feed_forward_length", 256u)
            .Change("blk.0.ffn_gate.weight", tensor => TinyLlama.Matrix(tensor.Name, 256, 32, TensorType.F16))
            .Change("blk.0.ffn_up.weight", tensor => TinyLlama.Matrix(tensor.Name, 256, 32, TensorType.F16))
            .Change("blk.0.ffn_down.weight", tensor => TinyLlama.Matrix(tensor.Name, 32, 256, type) with { Data = data });
        using ModelSource model = ModelFormats.Open(folder.Write("model.gguf", builder.Build()));

        VerificationReport report = ModelVerification.Verify(model);

        int columns = WeightFormats.BlockColumns(type);
        Assert.False(report.IsSound);
        Assert.Equal([new TensorFault("blk.0.ffn_down.weight", 3, 256 - columns, columns)], report.Faults);
    }

    [Fact]
    public void Cancellation_stops_between_tensors()
    {
        using ModelSource model = ModelFormats.Open(SharedFiles.MicroModel);
        using CancellationTokenSource cancellation = new();

        Assert.Throws<OperationCanceledException>(
            () => ModelVerification.Verify(model, new Reporter<double>(_ => cancellation.Cancel()), cancellation.Token));
    }
}
