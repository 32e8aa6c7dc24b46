using AdaptiveKv.Data.Views;
using AdaptiveKv.KvCache;
using Microsoft.ML.Data;

namespace AdaptiveKv.Training.Datasets;

/// <summary>Columns that a mapping of rows adds, with the tiers as their names.</summary>
internal static class TierColumns
{
    /// <summary>What each tier loses.</summary>
    public const string Losses = "Losses";

    /// <summary>Which tier is right.</summary>
    public const string Label = "Label";

    /// <summary>Declares <see cref="Losses"/>, a vector of Single with the tiers as slot names.</summary>
    public static SchemaDefinition WithLosses(this SchemaDefinition output, IReadOnlyList<KvTier> tiers)
    {
        output[Losses].ColumnType = new VectorDataViewType(NumberDataViewType.Single, tiers.Count);
        Name(output[Losses], ViewAnnotations.SlotNames, tiers);
        return output;
    }

    /// <summary>Declares <see cref="Label"/>, a key whose values are the tiers. A mapping gives a key's place from 0, from which ML.NET makes the key.</summary>
    public static SchemaDefinition WithLabel(this SchemaDefinition output, IReadOnlyList<KvTier> tiers)
    {
        output[Label].ColumnType = new KeyDataViewType(typeof(uint), Math.Max(tiers.Count, 1));
        if (tiers.Count > 0)
        {
            Name(output[Label], ViewAnnotations.KeyValues, tiers);
        }

        return output;
    }

    private static void Name(SchemaDefinition.Column column, string kind, IReadOnlyList<KvTier> tiers) => column.AddAnnotation(
        kind, new VBuffer<ReadOnlyMemory<char>>(tiers.Count, [.. tiers.Select(tier => $"{tier}".AsMemory())]), new VectorDataViewType(TextDataViewType.Instance, tiers.Count));
}
