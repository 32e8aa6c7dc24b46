using System.Collections;

namespace AdaptiveKv.Data;

/// <summary>Rows as they are read, value by value: for people, JSON and CSV. They can be enumerated once.</summary>
public sealed class TableRows : IEnumerable<object?[]>, IDisposable
{
    private readonly IEnumerable<object?[]> rows;
    private readonly IDisposable? owned;

    internal TableRows(IReadOnlyList<ResultColumn> columns, IEnumerable<object?[]> rows, IDisposable? owned = null) => (Columns, this.rows, this.owned) = (columns, rows, owned);

    /// <summary>The columns of every row.</summary>
    public IReadOnlyList<ResultColumn> Columns { get; }

    /// <summary>Row after row; a value is an int, long, float, double, string, bool, float[] or null.</summary>
    public IEnumerator<object?[]> GetEnumerator() => rows.GetEnumerator();

    /// <inheritdoc/>
    public void Dispose() => owned?.Dispose();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
