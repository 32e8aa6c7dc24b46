namespace AdaptiveKv.KvCache;

/// <summary>Where a token's rows lie in every lane.</summary>
/// <param name="Stream">Index of the tier's stream in its cache; the number of them that it can hold for a dropped token, which has none.</param>
/// <param name="Slot">Place in the stream.</param>
public readonly record struct TokenPlace(int Stream, int Slot);
