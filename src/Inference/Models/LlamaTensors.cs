using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models;

/// <summary>The tensors of a Llama decoder by canonical name, and the check that a file has exactly these.</summary>
internal static class LlamaTensors
{
    public const string Embedding = "token_embd.weight";
    public const string Output = "output.weight";
    public const string OutputNorm = "output_norm.weight";

    /// <summary>Names and shapes (rows, columns) of all tensors, layer by layer.</summary>
    public static IEnumerable<(string Name, int Rows, int Columns)> Of(LlamaShape shape)
    {
        int queries = shape.Heads * shape.HeadDim;
        int keys = shape.KvHeads * shape.HeadDim;
        yield return (Embedding, shape.Vocabulary, shape.Hidden);
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            string block = $"blk.{layer}.";
            yield return (block + "attn_norm.weight", 1, shape.Hidden);
            yield return (block + "attn_q.weight", queries, shape.Hidden);
            yield return (block + "attn_k.weight", keys, shape.Hidden);
            yield return (block + "attn_v.weight", keys, shape.Hidden);
            yield return (block + "attn_output.weight", shape.Hidden, queries);
            yield return (block + "ffn_norm.weight", 1, shape.Hidden);
            yield return (block + "ffn_gate.weight", shape.FeedForward, shape.Hidden);
            yield return (block + "ffn_up.weight", shape.FeedForward, shape.Hidden);
            yield return (block + "ffn_down.weight", shape.Hidden, shape.FeedForward);
        }

        yield return (OutputNorm, 1, shape.Hidden);
        if (!shape.TiedOutput)
        {
            yield return (Output, shape.Vocabulary, shape.Hidden);
        }
    }

    /// <summary>
    /// Refuses a missing tensor, one of another shape than the hyper-parameters ask for, and one that no Llama decoder has.
    /// </summary>
    /// <param name="path">The model, for errors.</param>
    /// <param name="shape">Checked hyper-parameters.</param>
    /// <param name="tensors">What the file has.</param>
    public static void Check(string path, LlamaShape shape, IReadOnlyDictionary<string, ModelTensor> tensors)
    {
        HashSet<string> extra = [.. tensors.Keys];

        // A wrong number of layers ends at the first missing tensor: the loop is bounded by what the file holds.
        foreach ((string name, int rows, int columns) in Of(shape))
        {
            if (!tensors.TryGetValue(name, out ModelTensor? tensor))
            {
                throw new ModelFormatException(path, name, -1, $"the tensor is missing; a Llama model of {shape.Layers} layers has it");
            }

            if (tensor.Rows != rows || tensor.Columns != columns)
            {
                throw new ModelFormatException(
                    path, name, -1, $"is {tensor.Rows} x {tensor.Columns}; the hyper-parameters ask for {rows} x {columns}");
            }

            extra.Remove(name);
        }

        if (extra.Count > 0)
        {
            string name = extra.Order(StringComparer.Ordinal).First();
            throw new ModelFormatException(path, name, -1, Refusal(name));
        }
    }

    private static string Refusal(string name) =>
        name.StartsWith("rope_freqs", StringComparison.Ordinal) ? "models with scaled rotary frequencies are not supported"
        : name.EndsWith(".bias", StringComparison.Ordinal) ? "models with biases are not supported"
        : name.Contains("_exps.", StringComparison.Ordinal) || name.Contains("gate_inp", StringComparison.Ordinal) ?
            "mixtures of experts are not supported"
        : "no tensor of a Llama decoder";
}
