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
}
