namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>Weights of a tensor that are no numbers: NaN or infinite, by themselves or by their block's scale.</summary>
/// <param name="Tensor">Canonical name.</param>
/// <param name="Row">Row of the first one.</param>
/// <param name="Column">Column of the first one.</param>
/// <param name="Weights">How many there are.</param>
public sealed record TensorFault(string Tensor, int Row, int Column, long Weights);
