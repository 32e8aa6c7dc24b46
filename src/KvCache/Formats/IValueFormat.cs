namespace AdaptiveKv.KvCache.Formats;

/// <summary>How value rows are summed with weights.</summary>
internal unsafe interface IValueFormat : IRowFormat
{
    /// <summary>Adds the weighted rows of up to 32 tokens to the running sums.</summary>
    /// <param name="units">Where each unit's value rows start.</param>
    /// <param name="count">Number of units.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="weights">[heads][32] softmax weights; 0 for absent tokens.</param>
    /// <param name="state">Running sums of one KV head's queries.</param>
    static abstract void Accumulate(byte** units, int count, in CodeLayout layout, float* weights, in SoftmaxState state);
}
