using Parquet;
using Parquet.Schema;

namespace AdaptiveKv.Data.Columns;

/// <summary>Texts.</summary>
internal sealed class TextColumn : ColumnOf<string?>
{
    public override Task Write(ParquetRowGroupWriter group, Field field) => Write(group, field, text => text.AsMemory());

    protected override void AddMissing() => Add((string?)null);
}
