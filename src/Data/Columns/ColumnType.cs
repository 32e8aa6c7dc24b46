namespace AdaptiveKv.Data.Columns;

/// <summary>What a column holds; each is a plain Parquet type that every reader knows.</summary>
public enum ColumnType
{
    /// <summary>Signed 32-bit integers.</summary>
    Int32,

    /// <summary>Signed 64-bit integers.</summary>
    Int64,

    /// <summary>Single-precision numbers.</summary>
    Float32,

    /// <summary>Double-precision numbers.</summary>
    Float64,

    /// <summary>UTF-8 text; a lone surrogate becomes U+FFFD.</summary>
    String,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Lists of single-precision numbers, of any length per row.</summary>
    Float32List,
}
