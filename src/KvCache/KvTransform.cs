using System.Numerics.Tensors;

namespace AdaptiveKv.KvCache;

/// <summary>
/// The static change of basis in which keys and values are stored: k' = H D^-1 (k - mu), q' = H D q, v' = H Dv^-1 v, and the attention
/// output is brought back by Dv H; every tier holds the same centred space. H is orthonormal; mu, D and Dv are per (layer, KV head, channel).
/// Scores change by q.mu. Where mu is the mean before rotary embedding and turns with the position, attention adds it back; a mean that all
/// keys share softmax does not see.
/// </summary>
public sealed class KvTransform
{
    private readonly float[]? mean;
    private readonly float[]? balance;
    private readonly float[]? valueBalance;
    private readonly MeanTurns? turns;
    private readonly CacheShape shape;

    /// <summary>Creates a transform; a null part is the identity.</summary>
    /// <param name="shape">The cache it is for.</param>
    /// <param name="rotate">Whether H is applied.</param>
    /// <param name="mean">mu, [lane][HeadDim]; before rotary embedding where it turns.</param>
    /// <param name="balance">D, [lane][HeadDim], all positive.</param>
    /// <param name="valueBalance">Dv, [lane][HeadDim], all positive.</param>
    /// <param name="turns">How the mean turns with the position; null for a mean that is the same everywhere.</param>
    public KvTransform(
        CacheShape shape, bool rotate, float[]? mean = null, float[]? balance = null, float[]? valueBalance = null, MeanTurns? turns = null)
    {
        this.shape = shape;
        Check(mean, shape, nameof(mean), positive: false);
        Check(balance, shape, nameof(balance), positive: true);
        Check(valueBalance, shape, nameof(valueBalance), positive: true);
        Rotates = rotate;
        this.mean = mean;
        this.balance = balance;
        this.valueBalance = valueBalance;
        this.turns = mean is null ? null : turns;
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

    /// <summary>How the mean turns; null where all keys share one, or none.</summary>
    internal MeanTurns? Turns => turns;

    /// <summary>The transform with rows divided by powers of two, which queries and outputs give back exactly; the same one where all exponents are 0.</summary>
    /// <param name="keys">[lane] exponents of the keys' divisors.</param>
    /// <param name="values">[lane] exponents of the values' divisors.</param>
    /// <exception cref="ArgumentException">A product leaves the range of binary32.</exception>
    public KvTransform Scaled(ReadOnlySpan<int> keys, ReadOnlySpan<int> values) =>
        keys.ContainsAnyExcept(0) || values.ContainsAnyExcept(0)
            ? new KvTransform(shape, Rotates, mean, Scaled(balance, keys), Scaled(valueBalance, values), turns)
            : this;

    /// <summary>Brings the key row of a position into the cache's space, in place.</summary>
    public void Key(int lane, int position, Span<float> row)
    {
        if (turns is not null)
        {
            Span<float> turned = stackalloc float[row.Length];
            turns.Turn(Of(mean!, lane), turns.StretchOf(position), turned);
            TensorPrimitives.Subtract(row, turned, row);
        }
        else if (mean is not null)
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

    /// <summary>Folds a query of the cache's space with the mean, for products with the table of <see cref="Turns"/>.</summary>
    internal void Fold(int lane, ReadOnlySpan<float> query, Span<float> folded)
    {
        Span<float> row = stackalloc float[query.Length];
        query.CopyTo(row);
        Rotate(row);
        if (balance is not null)
        {
            TensorPrimitives.Divide(row, Of(balance, lane), row);
        }

        turns!.Fold(row, Of(mean!, lane), folded);
    }

    private void Rotate(Span<float> row)
    {
        if (Rotates)
        {
            Hadamard.Transform(row);
        }
    }

    private ReadOnlySpan<float> Of(float[] table, int lane) => table.AsSpan(lane * shape.HeadDim, shape.HeadDim);

    private float[]? Scaled(float[]? table, ReadOnlySpan<int> exponents)
    {
        if (!exponents.ContainsAnyExcept(0))
        {
            return table;
        }

        float[] scaled = new float[shape.Lanes * shape.HeadDim];
        for (int i = 0; i < scaled.Length; i++)
        {
            scaled[i] = MathF.ScaleB(table is null ? 1f : table[i], exponents[i / shape.HeadDim]);
        }

        return scaled;
    }

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
