namespace AdaptiveKv.Inference.Models;

/// <summary>What an opened model consists of, from its headers alone.</summary>
/// <param name="Path">Where it was opened from.</param>
/// <param name="Shape">Hyper-parameters.</param>
/// <param name="Parameters">Number of weights.</param>
/// <param name="Bytes">Bytes of all tensors.</param>
/// <param name="Types">Shares by storage type, the largest first.</param>
public sealed record ModelSummary(string Path, LlamaShape Shape, long Parameters, long Bytes, IReadOnlyList<TensorTypeShare> Types)
{
    /// <summary>Summarizes an opened model; reads no weights.</summary>
    public static ModelSummary Of(ModelSource source)
    {
        TensorTypeShare[] types =
        [
            .. source.Tensors.Values.GroupBy(tensor => tensor.Type)
                .Select(group => new TensorTypeShare(group.Key, group.Count(), group.Sum(Parameters), group.Sum(Bytes)))
                .OrderByDescending(share => share.Bytes)
                .ThenBy(share => share.Type),
        ];
        return new ModelSummary(source.Path, source.Shape, types.Sum(share => share.Parameters), types.Sum(share => share.Bytes), types);

        static long Parameters(ModelTensor tensor) => (long)tensor.Rows * tensor.Columns;
        static long Bytes(ModelTensor tensor) => (long)tensor.Rows * tensor.RowBytes;
    }
}
