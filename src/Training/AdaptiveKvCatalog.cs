using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
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
    /// <param name="epsilon">How much more than the dearest tier a label may lose, nats; 0 fits it to the bits.</param>
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
    /// <exception cref="ArgumentException">The bits are not from 0 to 16, or epsilon is below 0.</exception>
    public CounterfactualLabelEstimator CounterfactualLabels(double targetBits = 4, double epsilon = 0) => targetBits is not (>= 0 and <= 16)
        ? throw new ArgumentException($"{nameof(targetBits)} is {targetBits}: expected 0 to 16 bits")
        : epsilon >= 0 ? new CounterfactualLabelEstimator(context, targetBits, epsilon) : throw new ArgumentException($"{nameof(epsilon)} is {epsilon}: expected 0 nats or more");

    /// <summary>Adds <c>Losses</c>, a vector of Single with the tiers as slot names: a token's increase of the divergence by tier, as collect writes it; NaN where it was not measured.</summary>
    /// <param name="tiers">From few bits to many: "2", "k3v2", "4".</param>
    /// <exception cref="FormatException">They are no such tiers.</exception>
    public IEstimator<ITransformer> Losses(params IReadOnlyList<string> tiers) => TierList.Parse(tiers)
        .Select(tier => (IEstimator<ITransformer>)context.Transforms.CopyColumns($"{tier}", TokenTable.Cost(tier).Name))
        .Aggregate((chain, next) => chain.Append(next))
        .Append(context.Transforms.Concatenate(TierColumns.Losses, [.. tiers]));

    /// <summary>Adds <c>Losses</c> as gradients expect them, for all tokens of the texts that the stage "fisher" went through; NaN for others.</summary>
    /// <param name="costs">Segments of the stage's table "costs".</param>
    /// <param name="tiers">From few bits to many.</param>
    /// <exception cref="FormatException">They are no such tiers.</exception>
    /// <exception cref="InvalidDataException">A segment is damaged, of another kind or newer, or lacks a tier.</exception>
    public IEstimator<ITransformer> ExpectedLosses(IReadOnlyList<string> costs, params IReadOnlyList<string> tiers) =>
        ExpectedLosses(new ExpectedCosts(costs, TierList.Parse(tiers), null, null, CancellationToken.None), TierList.Parse(tiers));

    /// <summary>
    /// The published labels: adds <c>Losses</c>, 1 where a tier alone loses the teacher's right answer to the token's item, and <c>Label</c>, a key: the cheapest tier that keeps it. Of
    /// items on which a tier was not tried the losses are NaN.
    /// </summary>
    /// <param name="items">Segments of the table "items" of the stage "collect".</param>
    /// <param name="tiers">From few bits to many: "2", "4", "8", "16".</param>
    /// <exception cref="FormatException">They are no such tiers.</exception>
    /// <exception cref="InvalidDataException">A segment is damaged, of another kind or newer, or lacks a tier.</exception>
    public IEstimator<ITransformer> ExampleLabels(IReadOnlyList<string> items, params IReadOnlyList<string> tiers) =>
        ExampleLabels(new ItemOutcomes(items, TierList.Parse(tiers), CancellationToken.None), TierList.Parse(tiers));

    internal IEstimator<ITransformer> ExpectedLosses(ExpectedCosts costs, IReadOnlyList<KvTier> tiers) => context.Transforms.CustomMapping<PlaceRow, LossRow>(
        (token, loss) => loss.Losses = costs.Of(token.Item, token.Position), null, null, SchemaDefinition.Create(typeof(LossRow)).WithLosses(tiers));

    internal IEstimator<ITransformer> ExampleLabels(ItemOutcomes items, IReadOnlyList<KvTier> tiers) => context.Transforms.CustomMapping<PlaceRow, ExampleRow>(
        (token, example) =>
        {
            ItemOutcome item = items[token.Item];
            (example.Label, example.Losses) = ((uint)(item.Label ?? 0), [.. tiers.Select((_, tier) => item.Label is null ? float.NaN : item.Loss(tier))]);
        },
        null, null, SchemaDefinition.Create(typeof(ExampleRow)).WithLosses(tiers).WithLabel(tiers));

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

    private sealed class PlaceRow
    {
        [ColumnName("item")]
        public string Item { get; set; } = string.Empty;

        [ColumnName("position")]
        public int Position { get; set; }
    }

    private sealed class LossRow
    {
        public float[] Losses { get; set; } = [];
    }

    private sealed class ExampleRow
    {
        public float[] Losses { get; set; } = [];

        public uint Label { get; set; }
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
