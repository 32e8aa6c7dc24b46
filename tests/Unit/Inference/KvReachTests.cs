using AdaptiveKv.Files;
using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.KvCache;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Inference;

/// <summary>Transforms of a model's cache, fitted to the range of its keys and values.</summary>
public sealed class KvReachTests(MicroModel micro) : IClassFixture<MicroModel>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    private CacheShape Shape => micro.Float.CacheShape;

    public void Dispose() => folder.Dispose();

    /// <summary>What fits stays the same transform, so that nothing changes by a bit.</summary>
    [Theory]
    [InlineData(Arithmetic.Float)]
    [InlineData(Arithmetic.Int8)]
    public void Ordinary_models_are_left_alone(Arithmetic arithmetic)
    {
        foreach (KvTransform transform in (KvTransform[])[KvTransform.Identity(Shape), new(Shape, rotate: true), new(Shape, rotate: true, Table(0.5f), Table(0.7f), Table(1.3f))])
        {
            Assert.Same(transform, micro[arithmetic].Reach.Fit(transform));
            Assert.Null(micro[arithmetic].Reach.Fault(transform));
        }
    }

    /// <summary>A session stores nothing beyond the range, whatever its transform makes of the rows.</summary>
    [Theory]
    [InlineData(1e-7f, 1f)]
    [InlineData(1e7f, 1f)]
    [InlineData(1f, 1e-8f)]
    [InlineData(1f, 1e8f)]
    public void Rows_are_brought_into_range(float balance, float valueBalance)
    {
        using Session session = new(micro.Float, new SessionOptions
        {
            Threads = 1,
            Cache = new KvCacheOptions { MaxTokens = 40, Transform = new KvTransform(Shape, rotate: true, null, Table(balance), Table(valueBalance)) },
        });
        session.Prefill(micro.Tokens(40));
        float[] key = new float[Shape.HeadDim], value = new float[Shape.HeadDim];
        for (int lane = 0; lane < Shape.Lanes; lane++)
        {
            float keys = 0, values = 0;
            for (int position = 0; position < 40; position++)
            {
                session.Cache.Read(position, lane, key, value);
                (keys, values) = (Math.Max(keys, key.Max(Math.Abs)), Math.Max(values, value.Max(Math.Abs)));
            }

            Assert.InRange(keys, 1f / (1 << 10), 1 << 15);
            Assert.InRange(values, 1f / (1 << 10), 1 << 15);
        }
    }

    /// <summary>Finite numbers that overflow in a product are no transform of the model.</summary>
    [Theory]
    [InlineData("mean", 3e38f, "where no key of this model reaches")]
    [InlineData("mean", -1e4f, "where no key of this model reaches")]
    [InlineData("balance", 1e-38f, "is not finite after folding in row 1")]
    [InlineData("balance", 3e38f, "is not finite after folding in row 1")]
    [InlineData("value_balance", 1e-38f, "is not finite after folding in row 1")]
    [InlineData("value_balance", 3e38f, "is not finite after folding in row 1")]
    public void A_transform_that_overflows_is_refused(string part, float number, string problem)
    {
        float[] Numbers(string name)
        {
            float[] table = Table(name == "mean" ? 0.1f : 1f);
            table[Shape.HeadDim + 3] = name == part ? number : table[0];
            return table;
        }

        string path = folder["transform.safetensors"];
        CalibrationRecord record = new(micro.Float.Sha256, new string('d', 64), 1, 1, 1, new TransformOptions(BalanceValues: true));
        TransformFile.Write(path, new KvTransform(Shape, rotate: true, Numbers("mean"), Numbers("balance"), Numbers("value_balance")), PrecisionProfile.Uniform, Shape, record);

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => TransformFile.Read(path, micro.Float));
        Assert.Equal(part, error.Field);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    private float[] Table(float value) => [.. Enumerable.Repeat(value, Shape.Lanes * Shape.HeadDim)];
}
