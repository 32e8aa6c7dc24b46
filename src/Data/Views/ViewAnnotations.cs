using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Data.Views;

/// <summary>What columns say about themselves in ML.NET.</summary>
public static class ViewAnnotations
{
    /// <summary>The unit of a column's numbers, a text.</summary>
    public const string Unit = "Unit";

    /// <summary>What a column is, a text.</summary>
    public const string Description = "Description";

    /// <summary>What the slots of a vector are, texts; a kind of ML.NET's own.</summary>
    public const string SlotNames = "SlotNames";

    /// <summary>What keys stand for, texts; a kind of ML.NET's own.</summary>
    public const string KeyValues = "KeyValues";

    /// <summary>Those of a column: what a schema declares of it, and names of one kind.</summary>
    /// <param name="declared">The column of a table; null for none.</param>
    /// <param name="kind">One of these; null for no names.</param>
    /// <param name="names">The texts.</param>
    public static DataViewSchema.Annotations Of(TableColumn? declared, string? kind = null, params IEnumerable<string> names)
    {
        DataViewSchema.Annotations.Builder annotations = new();
        foreach ((string name, string? text) in (ReadOnlySpan<(string, string?)>)[(Unit, declared?.Unit), (Description, declared?.Description)])
        {
            if (text is not null)
            {
                annotations.AddPrimitiveValue(name, TextDataViewType.Instance, text.AsMemory());
            }
        }

        if (kind is not null)
        {
            ReadOnlyMemory<char>[] texts = [.. names.Select(name => name.AsMemory())];
            annotations.Add(kind, new VectorDataViewType(TextDataViewType.Instance, texts.Length), (ref VBuffer<ReadOnlyMemory<char>> value) => value = new(texts.Length, [.. texts]));
        }

        return annotations.ToAnnotations();
    }

    /// <summary>A text of a column; null where it has none of this kind.</summary>
    internal static string? Text(DataViewSchema.Column column, string kind)
    {
        if (column.Annotations.Schema.GetColumnOrNull(kind) is not { Type: TextDataViewType })
        {
            return null;
        }

        ReadOnlyMemory<char> text = default;
        column.Annotations.GetValue(kind, ref text);
        return text.ToString();
    }
}
