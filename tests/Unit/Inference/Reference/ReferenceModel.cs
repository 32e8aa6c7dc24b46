using AdaptiveKv.Inference.Models;

namespace AdaptiveKv.Unit.Inference.Reference;

/// <summary>
/// A Llama decoder in double precision and plain loops, written from its definition (Touvron et al. 2023) and apart from the engine: every
/// position is computed from all before it, nothing is packed, cached or shared out.
/// </summary>
/// <param name="Shape">Hyper-parameters.</param>
/// <param name="Weights">[rows][columns] by canonical name.</param>
internal sealed record ReferenceModel(LlamaShape Shape, IReadOnlyDictionary<string, double[][]> Weights)
{
    /// <summary>Whether a position sees one before it, by both; it always does itself.</summary>
    public Func<int, int, bool> Sees { get; init; } = (_, _) => true;

    /// <summary>[tokens][vocabulary].</summary>
    public double[][] Logits(IReadOnlyList<int> tokens) =>
        Times(Shape.TiedOutput ? LlamaTensors.Embedding : LlamaTensors.Output, Normalize(Hidden(tokens, Shape.Layers), LlamaTensors.OutputNorm));

    /// <summary>[tokens][hidden] residual stream after some layers.</summary>
    public double[][] Hidden(IReadOnlyList<int> tokens, int layers)
    {
        double[][] stream = [.. tokens.Select(token => Weights[LlamaTensors.Embedding][token].ToArray())];
        for (int layer = 0; layer < layers; layer++)
        {
            string block = $"blk.{layer}.";
            double[][] normed = Normalize(stream, block + "attn_norm.weight");
            double[][] queries = Turned(Times(block + "attn_q.weight", normed));
            double[][] keys = Turned(Times(block + "attn_k.weight", normed));
            double[][] values = Times(block + "attn_v.weight", normed);
            Add(stream, Times(block + "attn_output.weight", Attend(queries, keys, values)));

            normed = Normalize(stream, block + "ffn_norm.weight");
            double[][] gates = Times(block + "ffn_gate.weight", normed);
            double[][] ups = Times(block + "ffn_up.weight", normed);
            double[][] gated = [.. gates.Zip(ups, (gate, up) => gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u).ToArray())];
            Add(stream, Times(block + "ffn_down.weight", gated));
        }

        return stream;
    }

    /// <summary>The model with one tensor changed.</summary>
    public ReferenceModel With(string name, Func<double[][], double[][]> change) =>
        this with { Weights = Weights.ToDictionary(pair => pair.Key, pair => pair.Key == name ? change(pair.Value) : pair.Value) };

    private static void Add(double[][] stream, double[][] rows)
    {
        for (int row = 0; row < rows.Length; row++)
        {
            for (int i = 0; i < rows[row].Length; i++)
            {
                stream[row][i] += rows[row][i];
            }
        }
    }

    private double[][] Normalize(double[][] rows, string name)
    {
        double[] weight = Weights[name][0];
        return [.. rows.Select(row =>
        {
            double root = Math.Sqrt((row.Sum(x => x * x) / row.Length) + Shape.RmsEpsilon);
            return row.Zip(weight, (x, w) => x / root * w).ToArray();
        })];
    }

    private double[][] Times(string name, double[][] rows)
    {
        double[][] matrix = Weights[name];
        return [.. rows.Select(row => matrix.Select(weights =>
        {
            double sum = 0;
            for (int i = 0; i < row.Length; i++)
            {
                sum += weights[i] * row[i];
            }

            return sum;
        }).ToArray())];
    }

    // Pair k of each head turns by position * base^(-2k/d).
    private double[][] Turned(double[][] rows)
    {
        int pairs = Shape.HeadDim / 2;
        for (int position = 0; position < rows.Length; position++)
        {
            double[] row = rows[position];
            for (int start = 0; start < row.Length; start += Shape.HeadDim)
            {
                for (int pair = 0; pair < pairs; pair++)
                {
                    (int i, int j) = Shape.RotaryLayout == RotaryLayout.Interleaved ? (2 * pair, (2 * pair) + 1) : (pair, pair + pairs);
                    double angle = position * Math.Pow(Shape.RopeBase, -2.0 * pair / Shape.HeadDim);
                    (double x, double y) = (row[start + i], row[start + j]);
                    row[start + i] = (x * Math.Cos(angle)) - (y * Math.Sin(angle));
                    row[start + j] = (x * Math.Sin(angle)) + (y * Math.Cos(angle));
                }
            }
        }

        return rows;
    }

    private double[][] Attend(double[][] queries, double[][] keys, double[][] values) => [.. queries.Select((query, position) =>
    {
        double[] output = new double[query.Length];
        for (int head = 0; head < Shape.Heads; head++)
        {
            int own = head * Shape.HeadDim;
            int shared = head / (Shape.Heads / Shape.KvHeads) * Shape.HeadDim;
            double[] scores = new double[position + 1];
            for (int past = 0; past <= position; past++)
            {
                scores[past] = past == position || Sees(position, past) ? 0 : double.NegativeInfinity;
                for (int i = 0; i < Shape.HeadDim; i++)
                {
                    scores[past] += query[own + i] * keys[past][shared + i] / Math.Sqrt(Shape.HeadDim);
                }
            }

            double largest = scores.Max();
            double sum = scores.Sum(score => Math.Exp(score - largest));
            for (int past = 0; past <= position; past++)
            {
                double weight = Math.Exp(scores[past] - largest) / sum;
                for (int i = 0; i < Shape.HeadDim; i++)
                {
                    output[own + i] += weight * values[past][shared + i];
                }
            }
        }

        return output;
    })];
}
