namespace AdaptiveKv.KvCache.Streams;

/// <summary>How one lane of a tier's stream is coded, and where its rows lie.</summary>
/// <param name="Codec">Reads and writes the lane's rows.</param>
/// <param name="KeyBytes">Offset of the value rows in a unit.</param>
/// <param name="UnitBytes">Bytes of one unit of the lane.</param>
/// <param name="Offset">Bytes that the lanes before it take, per unit of a page.</param>
/// <param name="RowBytes">Bytes of a token's rows on their own.</param>
/// <param name="RowOffset">Bytes that the lanes before it take of a token on its own.</param>
internal sealed record LaneFormat(TierCodec Codec, int KeyBytes, int UnitBytes, int Offset, int RowBytes, int RowOffset);
