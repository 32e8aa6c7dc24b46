namespace AdaptiveKv.KvCache;

/// <summary>What a code loses of a token: |x - code(x)|^2 / |x|^2, mean over the lanes.</summary>
/// <param name="Keys">Of the key rows, in the cache's space.</param>
/// <param name="Values">Of the value rows.</param>
public readonly record struct ReconstructionError(float Keys, float Values)
{
    /// <summary>Keys and values together.</summary>
    public float Mean => (Keys + Values) / 2;
}
