using AdaptiveKv.Inference.Models;

namespace AdaptiveKv.Cli.Commands;

/// <summary>What <c>akv model info</c> says about a model.</summary>
/// <param name="Path">As the user named it.</param>
/// <param name="Layers">Transformer blocks.</param>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="FeedForward">Inner width of SwiGLU.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key/value heads.</param>
/// <param name="HeadDim">Elements per head.</param>
/// <param name="Vocabulary">Token ids.</param>
/// <param name="PreTokenizer">Name of the pre-tokenization rule.</param>
/// <param name="ContextLength">Positions the model was trained for.</param>
/// <param name="RopeBase">Base of the rotary frequencies.</param>
/// <param name="RmsEpsilon">Epsilon of RMSNorm.</param>
/// <param name="TiedOutput">Whether the output matrix is the embedding matrix.</param>
/// <param name="Parameters">Elements of all tensors.</param>
/// <param name="WeightBytes">Bytes of all tensors as stored.</param>
/// <param name="Storage">By storage type, the largest first.</param>
/// <param name="KvBytesPerToken">Key and value bytes of one token in all layers, at 16 bits.</param>
/// <param name="Sha256">Of the weights file(s).</param>
internal sealed record ModelSummary(
    string Path,
    int Layers,
    int Hidden,
    int FeedForward,
    int Heads,
    int KvHeads,
    int HeadDim,
    int Vocabulary,
    string PreTokenizer,
    int ContextLength,
    float RopeBase,
    float RmsEpsilon,
    bool TiedOutput,
    long Parameters,
    long WeightBytes,
    IReadOnlyList<StorageSummary> Storage,
    long KvBytesPerToken,
    string Sha256)
{
    /// <summary>Reads the facts; hashes the weights.</summary>
    public static ModelSummary Of(ModelSource source)
    {
        LlamaShape shape = source.Shape;
        StorageSummary[] storage = [.. source.Tensors.Values
            .GroupBy(tensor => tensor.Type)
            .Select(group => new StorageSummary(group.Key.ToString(), group.Count(), group.Sum(tensor => (long)tensor.Rows * tensor.RowBytes)))
            .OrderByDescending(type => type.Bytes)];
        return new ModelSummary(
            source.Path,
            shape.Layers,
            shape.Hidden,
            shape.FeedForward,
            shape.Heads,
            shape.KvHeads,
            shape.HeadDim,
            shape.Vocabulary,
            source.Vocabulary.PreTokenizer,
            shape.ContextLength,
            shape.RopeBase,
            shape.RmsEpsilon,
            shape.TiedOutput,
            source.Tensors.Values.Sum(tensor => (long)tensor.Rows * tensor.Columns),
            storage.Sum(type => type.Bytes),
            storage,
            2L * 2 * shape.Layers * shape.KvHeads * shape.HeadDim,
            source.Sha256);
    }
}
