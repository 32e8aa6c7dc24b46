namespace AdaptiveKv.Policies.Control;

/// <summary>A layer of a network: y = W x + b.</summary>
/// <param name="Inputs">Length of x.</param>
/// <param name="Outputs">Length of y.</param>
/// <param name="Weights">W, [outputs][inputs].</param>
/// <param name="Bias">b, [outputs].</param>
public sealed record DenseLayer(int Inputs, int Outputs, float[] Weights, float[] Bias);
