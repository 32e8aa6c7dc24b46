namespace AdaptiveKv.Tables.DuckDb;

/// <summary>Which rows of a vector have no value: one bit a row, set where it has one; without a mask all have.</summary>
/// <param name="words">64 rows each, from the lowest bit; null where there is no mask.</param>
internal readonly unsafe struct NullMask(ulong* words)
{
    private const int RowsPerWord = 64;

    /// <summary>Whether any row may lack a value.</summary>
    public bool Exists => words is not null;

    /// <summary>Whether a row lacks a value.</summary>
    public bool this[int row] => words is not null && ((words[row / RowsPerWord] >> (row % RowsPerWord)) & 1) == 0;

    /// <summary>Marks a row as one without a value.</summary>
    public void Set(int row) => words[row / RowsPerWord] &= ~(1UL << (row % RowsPerWord));
}
