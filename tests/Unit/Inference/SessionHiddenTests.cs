using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Inference.Reference;

namespace AdaptiveKv.Unit.Inference;

/// <summary>The hidden states that a session keeps, against a decoder in double precision.</summary>
public sealed class SessionHiddenTests : IDisposable
{
    private const int Length = 20;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void They_are_the_residual_stream_after_the_layer(int threads)
    {
        SampleModel sample = SampleModel.Gguf(folder, SampleModel.Shape(3, wide: false, RotaryLayout.Interleaved), TensorType.F32, 3);
        int[] tokens = ReferenceLogits.Tokens(sample, Length);
        using LlamaModel model = LlamaModel.Load(sample.Path, Arithmetic.Float);
        for (int layer = 1; layer <= model.Shape.Layers; layer++)
        {
            double[][] expected = sample.Reference.Hidden(tokens, layer);
            using Session prompt = Open(model, threads, layer), decoding = Open(model, threads, layer);
            prompt.Prefill(tokens);
            for (int row = 0; row < Length; row++)
            {
                decoding.Decode(tokens[row]);
                decoding.Encode(KvTier.Of(BitWidth.ThirtyTwo));
                double size = expected[row].Max(Math.Abs);
                Assert.All(Enumerable.Range(0, model.Shape.Hidden), i => Assert.Equal(expected[row][i], prompt.Hidden(row)[i], 1e-4 * size));
                Assert.All(Enumerable.Range(0, model.Shape.Hidden), i => Assert.Equal(expected[row][i], decoding.Hidden(0)[i], 1e-4 * size));
            }
        }
    }

    [Fact]
    public void A_session_that_keeps_none_says_so()
    {
        SampleModel sample = SampleModel.Gguf(folder, SampleModel.Shape(3, wide: false, RotaryLayout.Interleaved), TensorType.F32, 3);
        using LlamaModel model = LlamaModel.Load(sample.Path, Arithmetic.Float);
        using Session session = Open(model, 1, 0);
        session.Decode(1);

        Assert.Throws<InvalidOperationException>(() => session.Hidden(0).ToArray());
    }

    private static Session Open(LlamaModel model, int threads, int layer) => new(model, new SessionOptions
    {
        Threads = threads,
        HiddenLayer = layer,
        Cache = new KvCacheOptions { MaxTokens = Length, Staging = BitWidth.ThirtyTwo },
    });
}
