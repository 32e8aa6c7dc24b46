using AdaptiveKv.Data;
using AdaptiveKv.Data.Columns;
using AdaptiveKv.Data.Views;
using Microsoft.Data.Analysis;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Unit.Data.Views;

public sealed class ParquetDataViewTests : IDisposable
{
    // Three row groups.
    private const int Rows = 140_000;

    private readonly TableFolder folder = new();
    private readonly MLContext context = new(seed: 1);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ColumnsHaveTypesUnitsAndDescriptions()
    {
        DataViewSchema schema = context.Data.LoadFromParquet(folder.WriteTokens("t.parquet", 3)).Schema;

        Assert.Equal(
            ["item Int32", "position Int32", "token Int32", "hash Int64", "piece String", "entropy Single", "surprise Single", "rarity Single", "attention Single", "age Single", "loss Double",
                "correct Boolean", "kl Vector<Single>", "note String"],
            schema.Select(column => $"{column.Name} {column.Type}"));
        Assert.Equal(("nats", null), (Annotation(schema["entropy"], ViewAnnotations.Unit), Annotation(schema["entropy"], ViewAnnotations.Description)));
        Assert.Equal((null, "Number of the item"), (Annotation(schema["item"], ViewAnnotations.Unit), Annotation(schema["item"], ViewAnnotations.Description)));
    }

    [Fact]
    public void EveryValueIsThatOfTheTable()
    {
        IDataView view = context.Data.LoadFromParquet(folder.WriteTokens("t.parquet", Rows));

        Assert.Equal(Rows, view.GetRowCount());
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        Assert.Equal(Rows, Walk(cursor, view.Schema));
        Assert.False(cursor.MoveNext());
        Assert.Equal(-1, cursor.Position);
    }

    [Fact]
    public void ADataFrameHoldsAllRowsAndIsAViewAgain()
    {
        string path = folder.WriteTokens("t.parquet", Rows);

        DataFrame frame = context.Data.LoadDataFrame(path);

        Assert.Equal(Rows, frame.Rows.Count);
        IDataView view = context.Data.LoadFromParquet(path);
        Assert.Equal(view.GetColumn<int>("item"), frame["item"].Cast<int>());
        Assert.Equal(view.GetColumn<float>("entropy"), frame["entropy"].Cast<float?>().Select(value => value ?? float.NaN));
        Assert.Equal(view.GetColumn<bool>("correct"), frame["correct"].Cast<bool>());
        context.Data.SaveAsParquet(frame.Head(200), folder["again.parquet"]);
        Assert.Equal(200, context.Data.LoadFromParquet(folder["again.parquet"]).GetRowCount());
    }

    [Fact]
    public void CursorsOfASetShareOutTheRowGroups()
    {
        IDataView view = context.Data.LoadFromParquet(folder.WriteTokens("t.parquet", Rows));

        DataViewRowCursor[] cursors = view.GetRowCursorSet(view.Schema, 8);
        Assert.Equal(3, cursors.Length);
        int[] rows = [.. cursors.AsParallel().WithDegreeOfParallelism(3).Select(cursor => Walk(cursor, view.Schema))];
        Assert.Equal((Rows, 8928), (rows.Sum(), rows.Min()));
        cursors = view.GetRowCursorSet(view.Schema, 2);
        Assert.Equal([65_536 + 8928, 65_536], cursors.Select(cursor => Walk(cursor, view.Schema)));
    }

    [Fact]
    public void OnlyWhatWasAskedForCanBeHad()
    {
        IDataView view = context.Data.LoadFromParquet(folder.WriteTokens("t.parquet", 10));
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["loss"]]);

        Assert.True(cursor.IsColumnActive(view.Schema["loss"]));
        Assert.Contains("'item' is not among those", Assert.Throws<ArgumentException>(() => cursor.GetGetter<int>(view.Schema["item"])).Message, StringComparison.Ordinal);
        Assert.Contains("'loss' holds Double, not Single", Assert.Throws<ArgumentException>(() => cursor.GetGetter<float>(view.Schema["loss"])).Message, StringComparison.Ordinal);
        using DataViewRowCursor none = view.GetRowCursor([]);
        int rows = 0;
        while (none.MoveNext())
        {
            Assert.Equal(rows++, none.Position);
        }

        Assert.Equal(10, rows);
    }

    [Fact]
    public void AMissingIntegerIsNamedWithItsPlace()
    {
        using (TableWriter writer = new(folder["t.parquet"], new TableSchema("t", 1, [new("id", ColumnType.Int32) { Optional = true }])))
        {
            writer.Add(7).EndRow();
            writer.AddNull().EndRow();
            writer.Complete();
        }

        IDataView view = context.Data.LoadFromParquet(folder["t.parquet"]);
        Assert.Equal(
            $"{folder["t.parquet"]}: row 1: column 'id' has no value, and ML.NET knows no missing Int32: leave the column out, or fill it in",
            Assert.Throws<InvalidDataException>(() => view.GetColumn<int>("id").ToArray()).Message);
    }

    [Fact]
    public void SeveralFilesAreOneView()
    {
        IDataView view = context.Data.LoadFromParquet(folder.WriteTokens("a.parquet", 100), folder.WriteTokens("b.parquet", 50, first: 100));

        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        Assert.Equal(150, Walk(cursor, view.Schema, rowsPerBatch: 100));
    }

    [Fact]
    public void WhatIsSavedIsLoaded()
    {
        IDataView view = context.Data.LoadFromParquet(folder.WriteTokens("t.parquet", Rows));

        context.Data.SaveAsParquet(view, folder["copy.parquet"]);

        IDataView copy = context.Data.LoadFromParquet(folder["copy.parquet"]);
        Assert.Equal(view.Schema.Select(column => $"{column.Name} {column.Type}"), copy.Schema.Select(column => $"{column.Name} {column.Type}"));
        Assert.Equal("nats", Annotation(copy.Schema["entropy"], ViewAnnotations.Unit));
        using DataViewRowCursor cursor = copy.GetRowCursor(copy.Schema);
        Assert.Equal(Rows, Walk(cursor, copy.Schema));
    }

    [Fact]
    public void WhatTransformsMakeIsSaved()
    {
        IDataView view = context.Data.LoadFromParquet(folder.WriteTokens("t.parquet", 1000));
        IDataView made = context.Transforms.Concatenate("Features", "entropy", "age").Append(context.Transforms.NormalizeMeanVariance("Features", fixZero: false))
            .Append(context.Transforms.Conversion.MapValueToKey("piece")).Fit(view).Transform(view);

        context.Data.SaveAsParquet(made, folder["made.parquet"]);

        IDataView saved = context.Data.LoadFromParquet(folder["made.parquet"]);
        Assert.Equal(made.GetColumn<VBuffer<float>>("Features").Select(value => value.DenseValues().ToArray()), saved.GetColumn<VBuffer<float>>("Features").Select(value => value.DenseValues().ToArray()));
        Assert.Equal(made.GetColumn<uint>("piece").Select(key => key - 1L), saved.GetColumn<long>("piece"));
        Assert.Contains("'when' holds DateTime", Assert.Throws<ArgumentException>(() => context.Data.SaveAsParquet(context.Data.LoadFromEnumerable([new Dated { when = DateTime.UnixEpoch }]), folder["x.parquet"])).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["x.parquet"]));
    }

    // Compares every active column of every row with what the table was written from; returns the rows.
    private static int Walk(DataViewRowCursor cursor, DataViewSchema schema, long rowsPerBatch = 65_536)
    {
        ValueGetter<int> item = cursor.GetGetter<int>(schema["item"]);
        ValueGetter<int> position = cursor.GetGetter<int>(schema["position"]);
        ValueGetter<long> hash = cursor.GetGetter<long>(schema["hash"]);
        ValueGetter<ReadOnlyMemory<char>> piece = cursor.GetGetter<ReadOnlyMemory<char>>(schema["piece"]);
        ValueGetter<ReadOnlyMemory<char>> note = cursor.GetGetter<ReadOnlyMemory<char>>(schema["note"]);
        ValueGetter<float> age = cursor.GetGetter<float>(schema["age"]);
        ValueGetter<double> loss = cursor.GetGetter<double>(schema["loss"]);
        ValueGetter<bool> correct = cursor.GetGetter<bool>(schema["correct"]);
        ValueGetter<VBuffer<float>> kl = cursor.GetGetter<VBuffer<float>>(schema["kl"]);
        ValueGetter<DataViewRowId> id = cursor.GetIdGetter();
        (int wholeItem, int place, long number, bool truth, float real, double wide, ReadOnlyMemory<char> text, VBuffer<float> list, DataViewRowId name) = (0, 0, 0L, false, 0f, 0.0, default, default, default);
        int rows = 0;
        while (cursor.MoveNext())
        {
            item(ref wholeItem);
            position(ref place);
            int row = (wholeItem * TokenTable.TokensPerItem) + place;
            hash(ref number);
            Same(TokenTable.Hash(row), number);
            piece(ref text);
            Same(TokenTable.Piece(row), text.ToString());
            note(ref text);
            Same(TokenTable.Note(row) ?? "", text.ToString());
            age(ref real);
            Same(TokenTable.Share(row, 5), real);
            loss(ref wide);
            Same(TokenTable.Loss(row), wide);
            correct(ref truth);
            Same(row % 3 == 0, truth);
            kl(ref list);
            Assert.True(list.DenseValues().SequenceEqual(TokenTable.Kl(row) ?? []));
            id(ref name);
            Same(new DataViewRowId((ulong)row, 0), name);
            Same(row / rowsPerBatch, cursor.Batch);
            Same((long)rows++, cursor.Position);
        }

        return rows;
    }

    // Assert.Equal takes longer than all the rest.
    private static void Same<T>(T expected, T actual)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            Assert.Equal(expected, actual);
        }
    }

    private static string? Annotation(DataViewSchema.Column column, string kind)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind) is null)
        {
            return null;
        }

        ReadOnlyMemory<char> text = default;
        column.Annotations.GetValue(kind, ref text);
        return text.ToString();
    }

    private sealed class Dated
    {
        public DateTime when { get; set; }
    }
}
