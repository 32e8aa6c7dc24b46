using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Training.Datasets;

/// <summary>A row of the dataset, as ML.NET makes it.</summary>
internal sealed class LabelledToken
{
    /// <summary>The item it belongs to.</summary>
    [ColumnName("item")]
    public string Item { get; set; } = string.Empty;

    /// <summary>0-based position.</summary>
    [ColumnName("position")]
    public int Position { get; set; }

    /// <summary>What it is used for.</summary>
    public string Split { get; set; } = string.Empty;

    /// <summary>Raw; NaN where one is unknown.</summary>
    public float[] Features { get; set; } = [];

    /// <summary>What each tier loses of quality.</summary>
    public float[] Losses { get; set; } = [];

    /// <summary>A key: the place of its tier, from 1.</summary>
    public uint Label { get; set; }

    /// <summary>The rows of a view, in order.</summary>
    public static IEnumerable<LabelledToken> Of(MLContext context, IDataView view)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(LabelledToken));
        schema[nameof(Label)].ColumnType = view.Schema[nameof(Label)].Type;
        return context.Data.CreateEnumerable<LabelledToken>(view, reuseRowObject: false, schemaDefinition: schema);
    }
}
