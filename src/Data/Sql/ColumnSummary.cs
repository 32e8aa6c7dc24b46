namespace AdaptiveKv.Data.Sql;

/// <summary>Statistics of one column. Those of numbers leave out NaN and infinities; those of lists and other nested values are of their lengths.</summary>
/// <param name="Name">The column.</param>
/// <param name="StoredType">DuckDB's name of its type.</param>
/// <param name="Count">Rows with a value.</param>
/// <param name="Nulls">Rows without one.</param>
/// <param name="NonFinite">Values that are NaN or infinite; null where the type has none.</param>
/// <param name="Distinct">How many values differ: an estimate with a standard error of 13 % (HyperLogLog with 64 registers).</param>
/// <param name="Min">Smallest value: a number or a text.</param>
/// <param name="Max">Greatest value.</param>
/// <param name="Mean">Null where the values are no numbers.</param>
/// <param name="Std">Standard deviation of the sample (n - 1).</param>
/// <param name="Q25">First quartile, approximate (t-digest).</param>
/// <param name="Median">Approximate.</param>
/// <param name="Q75">Third quartile, approximate.</param>
public sealed record ColumnSummary(
    string Name,
    string StoredType,
    long Count,
    long Nulls,
    long? NonFinite,
    long Distinct,
    object? Min,
    object? Max,
    double? Mean,
    double? Std,
    double? Q25,
    double? Median,
    double? Q75);
