namespace AdaptiveKv.KvCache.Formats;

/// <summary>How key rows lie in a unit of memory, and how queries meet them there. Written once per format, looped over once.</summary>
internal unsafe interface IKeyFormat
{
    /// <summary>Whether rows are interleaved codes, eight to a unit.</summary>
    static abstract bool IsCoded { get; }

    /// <summary>Bytes of the key rows of one unit.</summary>
    static abstract int Bytes(in CodeLayout layout);

    /// <summary>Stores a row.</summary>
    static abstract void Write(byte* unit, int token, ReadOnlySpan<float> row, in CodeLayout layout);

    /// <summary>Reconstructs a row.</summary>
    static abstract void Read(byte* unit, int token, Span<float> row, in CodeLayout layout);

    /// <summary>Scores of every query head against the rows of up to 32 tokens.</summary>
    /// <param name="units">Where each unit's key rows start.</param>
    /// <param name="count">Number of units.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="queries">Queries of one KV head.</param>
    /// <param name="scores">[heads][32]; entries past the last unit are left alone.</param>
    static abstract void Scores(byte** units, int count, in CodeLayout layout, in QueryBlock queries, float* scores);
}
