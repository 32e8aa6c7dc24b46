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

    /// <summary>Whether a block can be spread out once for the queries of many tokens, on this processor.</summary>
    static abstract bool CanSpread { get; }

    /// <summary>Spreads a block out.</summary>
    /// <param name="units">Where each unit's value rows start.</param>
    /// <param name="count">Number of units.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="room">[32][HeadDim].</param>
    static abstract void Spread(byte** units, int count, in CodeLayout layout, float* room);

    /// <summary>As <see cref="Accumulate"/>, to the bit, of a block that was spread out, for many tokens.</summary>
    /// <param name="room">The block.</param>
    /// <param name="count">Number of units.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="weights">[token][heads][32] softmax weights; 0 for absent tokens, anything for seven heads behind the last.</param>
    /// <param name="states">[token] running sums.</param>
    static abstract void AccumulateSpread(float* room, int count, in CodeLayout layout, float* weights, ReadOnlySpan<SoftmaxState> states);
}
