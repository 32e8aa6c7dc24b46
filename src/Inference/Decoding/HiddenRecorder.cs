namespace AdaptiveKv.Inference.Decoding;

/// <summary>Keeps the residual stream of the rows of a pass after one layer. Different rows may be recorded by different threads.</summary>
/// <param name="layer">After so many layers.</param>
/// <param name="rows">Most rows of a pass.</param>
/// <param name="width">The model's.</param>
internal sealed class HiddenRecorder(int layer, int rows, int width)
{
    private readonly float[] states = new float[rows * width];

    /// <summary>Layers after which rows are kept.</summary>
    public int Layer => layer;

    /// <summary>[hidden] of a row.</summary>
    public Span<float> Of(int row) => states.AsSpan(row * width, width);
}
