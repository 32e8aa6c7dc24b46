namespace AdaptiveKv.KvCache.Formats;

/// <summary>How key or value rows lie in a unit of memory. Written once per format, looped over once.</summary>
internal unsafe interface IRowFormat
{
    /// <summary>Whether rows are interleaved codes, eight to a unit.</summary>
    static abstract bool IsCoded { get; }

    /// <summary>Bytes of the rows of one unit.</summary>
    static abstract int Bytes(in CodeLayout layout);

    /// <summary>Bytes of one token's row on its own.</summary>
    static abstract int RowBytes(in CodeLayout layout);

    /// <summary>Stores a row.</summary>
    static abstract void Write(byte* unit, int token, ReadOnlySpan<float> row, in CodeLayout layout);

    /// <summary>Reconstructs a row.</summary>
    static abstract void Read(byte* unit, int token, Span<float> row, in CodeLayout layout);

    /// <summary>Copies what is a token's out of a unit.</summary>
    static abstract void Extract(byte* unit, int token, byte* row, in CodeLayout layout);

    /// <summary>Makes a unit of rows on their own: its first tokens, in order. What is behind them can be read, and has no meaning.</summary>
    static abstract void Assemble(byte** rows, int count, byte* unit, in CodeLayout layout);
}
