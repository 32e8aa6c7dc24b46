namespace AdaptiveKv.Data;

/// <summary>A Parquet file of a table.</summary>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Rows">Its rows.</param>
public sealed record TableFile(string Path, long Bytes, long Rows);
