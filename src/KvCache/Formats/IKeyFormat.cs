namespace AdaptiveKv.KvCache.Formats;

/// <summary>How queries meet key rows.</summary>
internal unsafe interface IKeyFormat : IRowFormat
{
    /// <summary>Scores of every query head against the rows of up to 32 tokens.</summary>
    /// <param name="units">Where each unit's key rows start.</param>
    /// <param name="count">Number of units.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="queries">Queries of one KV head.</param>
    /// <param name="scores">[heads][32]; entries past the last unit are left alone.</param>
    static abstract void Scores(byte** units, int count, in CodeLayout layout, in QueryBlock queries, float* scores);

    /// <summary>Whether a block can be spread out once for the queries of many tokens, on this processor.</summary>
    static abstract bool CanSpread { get; }

    /// <summary>Spreads a block out.</summary>
    /// <param name="units">Where each unit's key rows start.</param>
    /// <param name="count">Number of units.</param>
    /// <param name="layout">Placement.</param>
    /// <param name="room">[32][HeadDim].</param>
    static abstract void Spread(byte** units, int count, in CodeLayout layout, float* room);

    /// <summary>As <see cref="Scores"/>, to the bit, of a block that was spread out.</summary>
    static abstract void SpreadScores(float* room, int count, in CodeLayout layout, in QueryBlock queries, float* scores);
}
