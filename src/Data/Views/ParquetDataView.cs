using Microsoft.ML;

namespace AdaptiveKv.Data.Views;

/// <summary>A table as rows of ML.NET: read when a cursor moves, a row group at a time, and of it only the columns that the cursor was opened for.</summary>
internal sealed class ParquetDataView : IDataView
{
    private readonly TableMetadata table;
    private readonly IReadOnlyList<ViewColumn> columns;

    /// <param name="table">What is read.</param>
    /// <param name="columns">Of the view.</param>
    public ParquetDataView(TableMetadata table, IReadOnlyList<ViewColumn> columns)
    {
        (this.table, this.columns) = (table, columns);
        DataViewSchema.Builder schema = new();
        foreach (ViewColumn column in columns)
        {
            schema.AddColumn(column.Name, column.Type, column.Annotations);
        }

        Schema = schema.ToSchema();
    }

    public DataViewSchema Schema { get; }

    public bool CanShuffle => false;

    /// <summary>A table as it is stored.</summary>
    public static ParquetDataView Of(TableMetadata table) =>
        new(table, [.. table.Columns.Select(column => ViewColumn.Of(column.Name, column, ViewAnnotations.Of(table.Schema?.Columns.FirstOrDefault(declared => declared.Name == column.Name))))]);

    public long? GetRowCount() => table.Rows;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => Cursor(columnsNeeded, 0, 1);

    /// <summary>Cursors that share out the row groups: the i-th of n has every n-th from i on. <see cref="DataViewRow.Batch"/> is the group.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        int cursors = (int)Math.Clamp(Math.Min(n, table.RowGroups), 1, int.MaxValue);
        return [.. Enumerable.Range(0, cursors).Select(i => Cursor(columnsNeeded, i, cursors))];
    }

    private ParquetCursor Cursor(IEnumerable<DataViewSchema.Column> needed, int first, int step) => new(table, Schema, columns, [.. needed.Select(column => column.Index)], first, step);
}
