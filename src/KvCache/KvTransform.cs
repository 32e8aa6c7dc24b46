using System.Numerics.Tensors;

namespace AdaptiveKv.KvCache;

/// <summary>
/// The static change of basis in which keys and values are stored: k' = H D^-1 (k - mu), q' = H D q, v' = H Dv^-1 v, and the attention
/// output is brought back by Dv H. Scores change by q.mu only, the same for all keys of a query, which softmax does not see; so every
/// tier must hold the same centred space. H is orthonormal; mu, D and Dv are per (layer, KV head, channel).
/// </summary>
public sealed class KvTransform
{
    private readonly float[]? mean;
    private readonly float[]? balance;
    private readonly float[]? valueBalance;
    private readonly int headDim;

    /// <summary>Creates a transform; a null part is the identity.</summary>
    /// <param name="shape">The cache it is for.</param>
    /// <param name="rotate">Whether H is applied.</param>
    /// <param name="mean">mu, [lane][HeadDim].</param>
    /// <param name="balance">D, [lane][HeadDim], all positive.</param>
    /// <param name="valueBalance">Dv, [lane][HeadDim], all positive.</param>
    public KvTransform(CacheShape shape, bool rotate, float[]? mean = null, float[]? balance = null, float[]? valueBalance = null)
    {
        headDim = shape.HeadDim;
        Check(mean, shape, nameof(mean), positive: false);
        Check(balance, shape, nameof(balance), positive: true);
        Check(valueBalance, shape, nameof(valueBalance), positive: true);
        Rotates = rotate;
        this.mean = mean;
        this.balance = balance;
        this.valueBalance = valueBalance;
    }

    /// <summary>Whether H is applied.</summary>
    public bool Rotates { get; }

    /// <summary>mu, [lane][HeadDim]; empty where keys are not centred.</summary>
    public ReadOnlySpan<float> Mean => mean;

    /// <summary>D, [lane][HeadDim]; empty where keys are not balanced.</summary>
    public ReadOnlySpan<float> Balance => balance;

    /// <summary>Dv, [lane][HeadDim]; empty where values are not balanced.</summary>
    public ReadOnlySpan<float> ValueBalance => valueBalance;

    /// <summary>Keys and values as they are.</summary>
    public static KvTransform Identity(CacheShape shape) => new(shape, rotate: false);

    /// <summary>Brings a key row into the cache's space, in place.</summary>
    public void Key(int lane, Span<float> row)
    {
        if (mean is not null)
        {
            TensorPrimitives.Subtract(row, Of(mean, lane), row);
        }

        if (balance is not null)
        {
            TensorPrimitives.Divide(row, Of(balance, lane), row);
        }

        Rotate(row);
    }

    /// <summary>Brings a query row into the cache's space, in place.</summary>
    public void Query(int lane, Span<float> row)
    {
        if (balance is not null)
        {
            TensorPrimitives.Multiply(row, Of(balance, lane), row);
        }

        Rotate(row);
    }

    /// <summary>Brings a value row into the cache's space, in place.</summary>
    public void Value(int lane, Span<float> row)
    {
        if (valueBalance is not null)
        {
            TensorPrimitives.Divide(row, Of(valueBalance, lane), row);
        }

        Rotate(row);
    }

    /// <summary>Brings an attention output back to the model's space, in place.</summary>
    public void Output(int lane, Span<float> row)
    {
        Rotate(row);
        if (valueBalance is not null)
        {
            TensorPrimitives.Multiply(row, Of(valueBalance, lane), row);
        }
    }

    private void Rotate(Span<float> row)
    {
        if (Rotates)
        {
            Hadamard.Transform(row);
        }
    }

    private ReadOnlySpan<float> Of(float[] table, int lane) => table.AsSpan(lane * headDim, headDim);

    private static void Check(float[]? table, CacheShape shape, string name, bool positive)
    {
        if (table is null)
        {
            return;
        }

        if (table.Length != shape.Lanes * shape.HeadDim)
        {
            throw new ArgumentException($"{name}: {table.Length} numbers, expected {shape.Lanes} lanes x {shape.HeadDim}", name);
        }

        foreach (float value in table)
        {
            if (!float.IsFinite(value) || (positive && value <= 0f))
            {
                throw new ArgumentException($"{name}: holds {value}, expected {(positive ? "positive finite" : "finite")} numbers", name);
            }
        }
    }
}
