namespace AdaptiveKv.KvCache.Formats;

/// <summary>How value rows lie in a unit of memory, and how they are summed with weights there.</summary>
internal unsafe interface IValueFormat
{
    /// <summary>Whether rows are interleaved codes, eight to a unit.</summary>
    static abstract bool IsCoded { get; }

    /// <summary>Bytes of the value rows of one unit.</summary>
    static abstract int Bytes(in CodeLayout layout);

    /// <summary>Stores a row.</summary>
    static abstract void Write(byte* unit, int token, ReadOnlySpan<float> row, in CodeLayout layout);

    /// <summary>Reconstructs a row.</summary>
    static abstract void Read(byte* unit, int token, Span<float> row, in CodeLayout layout);

    /// <summary>Adds the weighted rows of up to 32 tokens to the running sums.</summary>
    /// <param name="units">Where each unit's value rows start.</param>
    /// <param name="count">Number of units.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="weights">[heads][32] softmax weights; 0 for absent tokens.</param>
    /// <param name="state">Running sums of one KV head's queries.</param>
    static abstract void Accumulate(byte** units, int count, in CodeLayout layout, float* weights, in SoftmaxState state);
}
