using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Training.Datasets;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Training;

/// <summary>Trainers of controllers, and what makes their rows, for ML.NET: see <see cref="AdaptiveKvExtensions.AdaptiveKv"/>.</summary>
public sealed class AdaptiveKvCatalog
{
    private readonly MLContext context;

    internal AdaptiveKvCatalog(MLContext context) => this.context = context;

    /// <summary>A trainer of controllers, that of the stage "train".</summary>
    /// <param name="options">How; the defaults of the stage if null.</param>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public PrecisionControllerTrainer PrecisionController(PrecisionControllerOptions? options = null) => new(context, options ?? new PrecisionControllerOptions());

    /// <summary>Labels of tokens by what each tier alone loses, those of the stage "dataset".</summary>
    /// <param name="targetBits">Mean nominal bits of the training rows' labels.</param>
    /// <example>From collected tokens to a controller, without a file in between:
    /// <code>
    /// IDataView tokens = context.Data.LoadFromParquet(paths);
    /// var rows = context.Transforms.Concatenate("Features", "entropy", "rarity", "confidence")
    ///     .Append(context.AdaptiveKv().Losses("2", "3", "4", "8"))
    ///     .Append(context.AdaptiveKv().SplitByItem(itemColumnName: "item"))
    ///     .Fit(tokens).Transform(tokens);
    /// rows = context.Data.FilterRowsByMissingValues(rows, "Losses");
    /// var model = context.AdaptiveKv().CounterfactualLabels(targetBits: 3).Append(context.AdaptiveKv().PrecisionController()).Fit(rows);
    /// </code></example>
    /// <exception cref="ArgumentException">The bits are not from 2 to 16.</exception>
    public CounterfactualLabelEstimator CounterfactualLabels(double targetBits = 4) => targetBits is >= 2 and <= 16
        ? new CounterfactualLabelEstimator(context, targetBits)
        : throw new ArgumentException($"{nameof(targetBits)} is {targetBits}: expected 2 to 16 bits");

    /// <summary>Adds <c>Losses</c>, a vector of Single with the tiers as slot names: a token's increase of the divergence by tier, as collect writes it; NaN where it was not measured.</summary>
    /// <param name="tiers">From few bits to many: "2", "k3v2", "4".</param>
    /// <exception cref="FormatException">They are no such tiers.</exception>
    public IEstimator<ITransformer> Losses(params IReadOnlyList<string> tiers) => TierList.Parse(tiers)
        .Select(tier => (IEstimator<ITransformer>)context.Transforms.CopyColumns($"{tier}", TokenTable.Cost(tier).Name))
        .Aggregate((chain, next) => chain.Append(next))
        .Append(context.Transforms.Concatenate("Losses", [.. tiers]));

    /// <summary>Adds <c>Split</c>, "train" or "validation", by the name of the item alone, as the stage "dataset" does: no item has tokens on both sides.</summary>
    /// <param name="validation">Share of the items kept for validation.</param>
    /// <param name="seed">Another seed, another split.</param>
    /// <param name="itemColumnName">A text.</param>
    /// <exception cref="ArgumentException">The share is not between 0 and 1.</exception>
    public IEstimator<ITransformer> SplitByItem(double validation = 0.2, long seed = 42, string itemColumnName = "Item")
    {
        ItemSplit split = validation is > 0 and < 1
            ? new ItemSplit((ulong)seed, validation)
            : throw new ArgumentException($"{nameof(validation)} is {validation}: expected a share above 0 and below 1");
        SchemaDefinition item = SchemaDefinition.Create(typeof(ItemRow));
        item[nameof(ItemRow.Item)].ColumnName = itemColumnName;
        return context.Transforms.CustomMapping<ItemRow, SplitRow>((row, side) => side.Split = split.Of(row.Item), null, item);
    }

    private sealed class ItemRow
    {
        public string Item { get; set; } = string.Empty;
    }

    private sealed class SplitRow
    {
        public string Split { get; set; } = string.Empty;
    }
}
