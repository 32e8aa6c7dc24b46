using System.Runtime.Intrinsics;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>
/// How large keys and values of a model can be, whatever the text. A normalized row has at most the length sqrt(hidden), so that an output of
/// a projection is at most sqrt(hidden) times the length of its weights, each times that of the norm; rotary embedding turns pairs. The cache
/// keeps new tokens in binary16: where a head's rows could leave its range, a power of two is folded into the space they are stored in and
/// taken out of the queries or the outputs again. It is far from what other models reach, which stay as they are to the bit.
/// </summary>
internal sealed class KvReach
{
    // Half of binary16's largest number: the bounds are formed with rounded weights and inputs.
    private const double Most = 1 << 15;

    // Rows reach about a hundredth of their bound; below 2^-14 binary16 loses digits.
    private const double Least = 1.0 / (1 << 7);

    private const int MostExponent = 110; // Queries and outputs are multiplied by as much, in binary32.
    private const int MostDivisor = 60; // Exponent of what calibration could come to, and far more.
    private const double MeanSlack = 2;

    private readonly LlamaShape shape;
    private readonly double[] keys; // [lane][HeadDim], before rotary embedding
    private readonly double[] values; // [lane][HeadDim]

    /// <summary>Reads the projections, once.</summary>
    public KvReach(LlamaShape shape, IReadOnlyList<LayerWeights> layers)
    {
        this.shape = shape;
        keys = [.. layers.SelectMany(layer => Rows(layer.Key, layer.AttentionNorm))];
        values = [.. layers.SelectMany(layer => Rows(layer.Value, layer.AttentionNorm))];
    }

    private IEnumerable<int> Lanes => Enumerable.Range(0, shape.Layers * shape.KvHeads);

    /// <summary>A transform into a space where all rows fit into binary16: the same one where they do anyway.</summary>
    public KvTransform Fit(KvTransform transform) => transform.Scaled(
        [.. Lanes.Select(lane => Exponent(KeyBound(transform, lane)))], [.. Lanes.Select(lane => Exponent(ValueBound(transform, lane)))]);

    /// <summary>Why rows of this model do not fit into a transform's space, by the part that is wrong; null where they do.</summary>
    public (string Part, string Problem)? Fault(KvTransform transform)
    {
        ReadOnlySpan<float> mean = transform.Mean;
        for (int i = 0; i < mean.Length; i++)
        {
            double most = Keys(i / shape.HeadDim)[i % shape.HeadDim];
            if (Math.Abs(mean[i]) > MeanSlack * most)
            {
                return ("mean", $"is {mean[i]:G4} in row {i / shape.HeadDim}, where no key of this model reaches {most:G4}: calibrate again");
            }
        }

        foreach (int lane in Lanes)
        {
            if (Folded(transform.Balance, lane, KeyBound(transform, lane)) is { } keyProblem)
            {
                return ("balance", keyProblem);
            }

            if (Folded(transform.ValueBalance, lane, ValueBound(transform, lane)) is { } valueProblem)
            {
                return ("value_balance", valueProblem);
            }
        }

        return null;
    }

    private string? Folded(ReadOnlySpan<float> balance, int lane, double bound)
    {
        int exponent = Exponent(bound);
        bool fits = Math.ScaleB(bound, -exponent) <= Most;
        foreach (float divisor in balance.IsEmpty ? [] : balance.Slice(lane * shape.HeadDim, shape.HeadDim))
        {
            fits &= Math.Abs(Math.ILogB(divisor) + exponent) <= MostDivisor;
        }

        return fits ? null : $"is not finite after folding in row {lane}: rows of this model would come to {bound:G4}; calibrate again";
    }

    // Sqrt(hidden) times the length of each row of W diag(norm); squares of large weights need double precision.
    private static unsafe double[] Rows(PackedMatrix matrix, float[] norm)
    {
        double[] squares = new double[matrix.Octets * PackedMatrix.OctetRows];
        float[] scratch = new float[matrix.Columns * PackedMatrix.OctetRows];
        fixed (float* room = scratch)
        {
            for (int octet = 0; octet < matrix.Octets; octet++)
            {
                float* weights = matrix.Values(octet, room);
                Vector256<double> low = default;
                Vector256<double> high = default;
                foreach (float factor in norm)
                {
                    Vector256<float> eight = Vector256.Load(weights);
                    Vector256<double> first = Vector256.WidenLower(eight) * factor;
                    Vector256<double> second = Vector256.WidenUpper(eight) * factor;
                    low += first * first;
                    high += second * second;
                    weights += PackedMatrix.OctetRows;
                }

                low.CopyTo(squares, octet * PackedMatrix.OctetRows);
                high.CopyTo(squares, (octet * PackedMatrix.OctetRows) + Vector256<double>.Count);
            }
        }

        return [.. squares.Take(matrix.Rows).Select(square => Math.Sqrt(square * matrix.Columns))];
    }

    // What the bound is divided by; then it is 1 to 2, or just within binary16.
    private static int Exponent(double bound)
    {
        int own = bound > 0 ? Math.Clamp(Math.ILogB(bound), -MostExponent, MostExponent) : 0;
        return bound > Most ? own - 14 : bound > 0 && bound < Least ? own : 0;
    }

    private double KeyBound(KvTransform transform, int lane)
    {
        double[] reach = Keys(lane);
        if (!transform.Mean.IsEmpty)
        {
            double[] means = Turned([.. transform.Mean.Slice(lane * shape.HeadDim, shape.HeadDim).ToArray().Select(mean => Math.Abs((double)mean))]);
            reach = [.. reach.Zip(means, (key, mean) => key + mean)];
        }

        return Stored(reach, transform.Balance, lane, transform.Rotates);
    }

    private double ValueBound(KvTransform transform, int lane) =>
        Stored(values.AsSpan(lane * shape.HeadDim, shape.HeadDim), transform.ValueBalance, lane, transform.Rotates);

    // The largest element of a row of the cache's space: a rotation leaves the row's length as it is.
    private static double Stored(ReadOnlySpan<double> reach, ReadOnlySpan<float> balance, int lane, bool rotates)
    {
        double largest = 0;
        double squares = 0;
        for (int i = 0; i < reach.Length; i++)
        {
            double element = reach[i] / (balance.IsEmpty ? 1 : balance[(lane * reach.Length) + i]);
            largest = Math.Max(largest, element);
            squares += element * element;
        }

        return rotates ? Math.Sqrt(squares) : largest;
    }

    private double[] Keys(int lane) => Turned(keys.AsSpan(lane * shape.HeadDim, shape.HeadDim).ToArray());

    // What the pairs reach after rotary embedding, at any position.
    private double[] Turned(double[] reach)
    {
        int pairs = reach.Length / 2;
        for (int pair = 0; pair < pairs; pair++)
        {
            (int i, int j) = shape.RotaryLayout == RotaryLayout.Interleaved ? (2 * pair, (2 * pair) + 1) : (pair, pair + pairs);
            reach[i] = reach[j] = Math.Sqrt((reach[i] * reach[i]) + (reach[j] * reach[j]));
        }

        return reach;
    }
}
