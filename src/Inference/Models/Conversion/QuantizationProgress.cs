namespace AdaptiveKv.Inference.Models.Conversion;

/// <summary>How far a quantization is.</summary>
/// <param name="Tensor">Name of the tensor at work.</param>
/// <param name="DoneWeights">Weights written.</param>
/// <param name="TotalWeights">Weights of the model.</param>
public readonly record struct QuantizationProgress(string Tensor, long DoneWeights, long TotalWeights);
