using System.Collections;
using AdaptiveKv.Tables.DuckDb;

namespace AdaptiveKv.Tables;

/// <summary>Rows as they are read, value by value: for people, JSON and CSV. They can be enumerated once.</summary>
public sealed class TableRows : IEnumerable<object?[]>, IDisposable
{
    private readonly ResultStream stream;
    private readonly Func<DuckDbException, Exception> failure;
    private readonly IDisposable? owned;

    internal TableRows(ResultStream stream, Func<DuckDbException, Exception> failure, IDisposable? owned = null) =>
        (this.stream, this.failure, this.owned) = (stream, failure, owned);

    /// <summary>The columns of every row.</summary>
    public IReadOnlyList<ResultColumn> Columns => stream.Columns;

    /// <summary>Row after row; a value is an int, long, float, double, string, bool, float[] or null.</summary>
    public IEnumerator<object?[]> GetEnumerator()
    {
        while (NextChunk() is { } chunk)
        {
            for (int row = 0; row < chunk[0].Count; row++)
            {
                var values = new object?[chunk.Length];
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = chunk[i][row];
                }

                yield return values;
            }
        }
    }

    /// <summary>The rows that follow, by column; null at the end.</summary>
    internal ColumnData[]? NextChunk()
    {
        try
        {
            return stream.Next();
        }
        catch (DuckDbException exception)
        {
            throw failure(exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stream.Dispose();
        owned?.Dispose();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
