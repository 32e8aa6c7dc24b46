using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data;

/// <summary>A column of rows that were read.</summary>
/// <param name="Name">Its name; those of a query's result may repeat.</param>
/// <param name="Type">The type of its values.</param>
public sealed record ResultColumn(string Name, ColumnType Type);
