using AdaptiveKv.Data.Columns;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Data.Views;

/// <summary>Goes through the rows of a table, or of every n-th of its row groups. It has files of its own, so that cursors may go at once on several threads.</summary>
internal sealed class ParquetCursor : DataViewRowCursor
{
    private readonly IReadOnlyList<ViewColumn> columns;
    private readonly HashSet<int> active;
    private readonly string[] sources;
    private readonly IEnumerator<(long First, int Rows, ColumnData[] Columns)> groups;
    private long position = -1;
    private long batch = -1;
    private long first;
    private int rows;

    /// <param name="table">What is read.</param>
    /// <param name="schema">Of the view.</param>
    /// <param name="columns">Of the view.</param>
    /// <param name="active">Indices of those that may be asked for.</param>
    /// <param name="start">The first row group.</param>
    /// <param name="step">From one to the next.</param>
    public ParquetCursor(TableMetadata table, DataViewSchema schema, IReadOnlyList<ViewColumn> columns, HashSet<int> active, int start, int step)
    {
        (Name, Schema, this.columns, this.active) = (table.Path, schema, columns, active);
        sources = [.. active.SelectMany(index => columns[index].Sources).Distinct()];
        groups = TableFiles.Read(table, sources, (_, _) => ++batch % step == start, CancellationToken.None).GetEnumerator();
    }

    /// <summary>The table, for messages.</summary>
    public string Name { get; }

    public override DataViewSchema Schema { get; }

    public override long Position => position;

    public override long Batch => batch;

    /// <summary>The columns of the table that are read, of the row group it is in.</summary>
    internal ColumnData[] Group { get; private set; } = [];

    /// <summary>Where it is in the row group.</summary>
    internal int Row { get; private set; } = -1;

    /// <summary>Where it is in the table.</summary>
    internal long Number => first + Row;

    public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
        {
            throw new ArgumentException($"{Name}: column '{column.Name}' is not among those that the cursor was opened for");
        }

        ViewColumn asked = columns[column.Index];
        return asked.Getter(this, [.. asked.Sources.Select(source => Array.IndexOf(sources, source))]) as ValueGetter<TValue>
            ?? throw new ArgumentException($"{Name}: column '{column.Name}' holds {asked.Type}, not {typeof(TValue).Name}");
    }

    /// <summary>The number of the row in the table.</summary>
    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)Number, 0);

    public override bool MoveNext()
    {
        if (++Row < rows)
        {
            position++;
            return true;
        }

        if (!groups.MoveNext())
        {
            (position, rows) = (-1, 0);
            return false;
        }

        (first, rows, Group) = groups.Current;
        Row = 0;
        position++;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        groups.Dispose();
        base.Dispose(disposing);
    }
}
