using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data;

/// <summary>One column of a table: its name, its type, and what its values may be.</summary>
/// <param name="Name">Unique in its table; no control characters.</param>
/// <param name="Type">What it holds.</param>
public sealed record TableColumn(string Name, ColumnType Type)
{
    /// <summary>The unit of its numbers ("bits", "nats"); null where there is none.</summary>
    public string? Unit { get; init; }

    /// <summary>What it is, in a sentence.</summary>
    public string? Description { get; init; }

    /// <summary>Whether a row may lack a value.</summary>
    public bool Optional { get; init; }

    /// <summary>Whether NaN and infinities are values; false means that they are refused on writing and are faults in a file.</summary>
    public bool AllowsNonFinite { get; init; }
}
