using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;
using AdaptiveKv.Data.Views;
using Microsoft.ML;

namespace AdaptiveKv.Unit.Data.Views;

/// <summary>A million rows through ML.NET's view: in time, and in memory that does not grow with them.</summary>
[Collection(Alone.Name)]
public sealed class ViewScaleTests(ITestOutputHelper output) : IDisposable
{
    private const int Rows = 1_000_000;
    private const int Floats = 16;
    private const double MostMegabytes = 100;

    private static readonly TableSchema Schema = new("wide", 1, [.. Enumerable.Range(0, Floats).Select(i => new TableColumn($"x{i}", ColumnType.Float32))]);

    private readonly TableFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AMillionRowsAreReadInFlatMemory() => OwnProcess.Run(Measure, output);

    private void Measure()
    {
        using (TableWriter writer = new(folder["wide.parquet"], Schema))
        {
            for (int row = 0; row < Rows; row++)
            {
                for (int i = 0; i < Floats; i++)
                {
                    writer.Add(TokenTable.Share(row, i));
                }

                writer.EndRow();
            }

            writer.Complete();
        }

        IDataView view = new MLContext().Data.LoadFromParquet(folder["wide.parquet"]);
        GC.Collect();
        using ProcessWatch watch = new();
        Assert.InRange(watch.Measure("one column", () => Sum(view, 1), output), 0, 0.6);
        Assert.InRange(watch.Measure("16 columns", () => Sum(view, Floats), output), 0, 1.5);
        Assert.InRange(watch.Growth / 1e6, 0, MostMegabytes);
    }

    private static void Sum(IDataView view, int columns)
    {
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema.Take(columns));
        ValueGetter<float>[] getters = [.. view.Schema.Take(columns).Select(column => cursor.GetGetter<float>(column))];
        double sum = 0;
        float value = 0;
        int rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            foreach (ValueGetter<float> get in getters)
            {
                get(ref value);
                sum += value;
            }
        }

        // Shares are uniform between 0 and 1.
        Assert.Equal(Rows, rows);
        Assert.Equal(0.5, sum / rows / columns, 1e-3);
    }
}
