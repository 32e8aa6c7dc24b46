namespace AdaptiveKv.Inference.Models;

/// <summary>What a model stores in one storage type.</summary>
/// <param name="Type">Storage type.</param>
/// <param name="Tensors">Number of tensors.</param>
/// <param name="Parameters">Number of weights.</param>
/// <param name="Bytes">Bytes in storage.</param>
public sealed record TensorTypeShare(TensorType Type, int Tensors, long Parameters, long Bytes);
