using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Training.Views;

/// <summary>Finds the columns of a schema, and says what is wrong with them.</summary>
internal static class ViewSchemas
{
    /// <summary>A vector of Single of known length.</summary>
    /// <param name="schema">Of a view.</param>
    /// <param name="name">Its name.</param>
    /// <param name="length">Its length; 0 for any.</param>
    /// <exception cref="ArgumentException">It is missing or another.</exception>
    public static DataViewSchema.Column Vector(this DataViewSchema schema, string name, int length = 0) =>
        schema.Of(name, type => type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single && (length == 0 || vector.Size == length),
            length == 0 ? "a vector of Single" : $"a vector of {length} Single");

    /// <summary>A text.</summary>
    /// <exception cref="ArgumentException">It is missing or another.</exception>
    public static DataViewSchema.Column Text(this DataViewSchema schema, string name) => schema.Of(name, type => type is TextDataViewType, "a text");

    /// <summary>A key of UInt32.</summary>
    /// <exception cref="ArgumentException">It is missing or another.</exception>
    public static DataViewSchema.Column Key(this DataViewSchema schema, string name, int count) =>
        schema.Of(name, type => type is KeyDataViewType key && key.RawType == typeof(uint) && key.Count == (ulong)count, $"a key of UInt32 with {count} values, as LoadDataset gives it");

    /// <summary>The names of a vector's slots; null where it has none.</summary>
    public static string[]? SlotNames(this DataViewSchema.Column column)
    {
        if (!column.HasSlotNames())
        {
            return null;
        }

        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }

    private static DataViewSchema.Column Of(this DataViewSchema schema, string name, Func<DataViewType, bool> fits, string expected) =>
        schema.GetColumnOrNull(name) is not { } column ? throw new ArgumentException($"there is no column '{name}': expected {expected}")
        : fits(column.Type) ? column
        : throw new ArgumentException($"column '{name}' holds {column.Type}: expected {expected}");
}
