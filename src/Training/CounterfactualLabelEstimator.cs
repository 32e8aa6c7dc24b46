using AdaptiveKv.Data.Schemas;
using AdaptiveKv.KvCache;
using AdaptiveKv.Training.Datasets;
using AdaptiveKv.Training.Views;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace AdaptiveKv.Training;

/// <summary>
/// Labels tokens as the stage "dataset" does: with the cheapest tier whose loss is at most epsilon above that of the dearest. What is fitted is epsilon, on the training rows alone: the
/// smallest at which their labels take no more than the wanted bits; one that is given is taken as it is. Adds <c>Label</c>, a key whose values are the tiers.
/// </summary>
public sealed class CounterfactualLabelEstimator : IEstimator<ITransformer>
{
    private readonly MLContext context;
    private readonly double targetBits;
    private readonly double given;

    internal CounterfactualLabelEstimator(MLContext context, double targetBits, double epsilon) => (this.context, this.targetBits, given) = (context, targetBits, epsilon);

    /// <summary>Solves epsilon.</summary>
    /// <param name="input">Has <c>Losses</c>, a vector of Single with the tiers as slot names, from few bits to many, and <c>Split</c>; rows with a missing loss are left out before.</param>
    /// <exception cref="ArgumentException">A column is missing or another, or no row is of the split "train".</exception>
    public ITransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        DataViewSchema.Column column = input.Schema.Vector(TierColumns.Losses);
        return Mapping(column.Type, TiersOf(column), given > 0 ? given : Solve(input)).Fit(input);
    }

    /// <summary>What <see cref="Fit"/> fits.</summary>
    internal double Solve(IDataView input)
    {
        double[] bits = [.. TiersOf(input.Schema.Vector(TierColumns.Losses)).Select(tier => tier.NominalBits)];
        float[][] train = [.. context.Data.CreateEnumerable<LossRow>(input, reuseRowObject: false).Where(row => row.Split == DatasetTable.Train).Select(row => row.Losses)];
        return train.Length > 0
            ? CounterfactualLabels.Solve(train, bits, targetBits)
            : throw new ArgumentException($"no row is of the split '{DatasetTable.Train}', on which epsilon is fitted: part them with SplitByItem");
    }

    /// <summary>That of the input and <c>Label</c>.</summary>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Mapping(new VectorDataViewType(NumberDataViewType.Single), [], 0).GetOutputSchema(inputSchema);

    private static IReadOnlyList<KvTier> TiersOf(DataViewSchema.Column column)
    {
        try
        {
            return TierList.Parse(column.SlotNames() ?? throw new FormatException("it has no slot names"));
        }
        catch (FormatException exception)
        {
            throw new ArgumentException($"column '{column.Name}': {exception.Message}: its slots are named as the tiers, which Losses does", exception);
        }
    }

    private CustomMappingEstimator<LossRow, LabelRow> Mapping(DataViewType losses, IReadOnlyList<KvTier> tiers, double epsilon)
    {
        SchemaDefinition input = SchemaDefinition.Create(typeof(LossRow));
        input[TierColumns.Losses].ColumnType = losses;
        return context.Transforms.CustomMapping<LossRow, LabelRow>(
            (row, labelled) => labelled.Label = (uint)CounterfactualLabels.Of(row.Losses, epsilon), null, input, SchemaDefinition.Create(typeof(LabelRow)).WithLabel(tiers));
    }

    private sealed class LossRow
    {
        public string Split { get; set; } = string.Empty;

        public float[] Losses { get; set; } = [];
    }

    private sealed class LabelRow
    {
        public uint Label { get; set; }
    }
}
