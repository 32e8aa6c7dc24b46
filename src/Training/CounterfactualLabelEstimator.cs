using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Views;
using AdaptiveKv.KvCache;
using AdaptiveKv.Training.Datasets;
using AdaptiveKv.Training.Views;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace AdaptiveKv.Training;

/// <summary>
/// Labels tokens as the stage "dataset" does: with the cheapest tier whose loss is at most epsilon above that of the dearest. What is fitted is epsilon, on the training rows alone: the
/// smallest at which their labels take no more than the wanted bits. Adds <c>Label</c>, a key whose values are the tiers.
/// </summary>
public sealed class CounterfactualLabelEstimator : IEstimator<ITransformer>
{
    private const string Losses = "Losses";

    private readonly MLContext context;
    private readonly double targetBits;

    internal CounterfactualLabelEstimator(MLContext context, double targetBits) => (this.context, this.targetBits) = (context, targetBits);

    /// <summary>Solves epsilon.</summary>
    /// <param name="input">Has <c>Losses</c>, a vector of Single with the tiers as slot names, from few bits to many, and <c>Split</c>; rows with a missing loss are left out before.</param>
    /// <exception cref="ArgumentException">A column is missing or another, or no row is of the split "train".</exception>
    public ITransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        DataViewSchema.Column column = input.Schema.Vector(Losses);
        IReadOnlyList<KvTier> tiers = TiersOf(column);
        TokenRow[] train = [.. context.Data.CreateEnumerable<LossRow>(input, reuseRowObject: false)
            .Where(row => row.Split == DatasetTable.Train).Select(row => new TokenRow(string.Empty, 0, [], row.Losses, -1))];
        double epsilon = train.Length > 0
            ? CounterfactualLabels.Solve(train, [.. tiers.Select(tier => tier.NominalBits)], targetBits)
            : throw new ArgumentException($"no row is of the split '{DatasetTable.Train}', on which epsilon is fitted: part them with SplitByItem");
        return Mapping(column.Type, tiers, epsilon).Fit(input);
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
        SchemaDefinition input = SchemaDefinition.Create(typeof(LossRow)), output = SchemaDefinition.Create(typeof(LabelRow));
        input[Losses].ColumnType = losses;
        ReadOnlyMemory<char>[] names = [.. tiers.Select(tier => tier.ToString().AsMemory())];
        output[nameof(LabelRow.Label)].ColumnType = new KeyDataViewType(typeof(uint), Math.Max(names.Length, 1));
        if (names.Length > 0)
        {
            output[nameof(LabelRow.Label)].AddAnnotation(ViewAnnotations.KeyValues, new VBuffer<ReadOnlyMemory<char>>(names.Length, names), new VectorDataViewType(TextDataViewType.Instance, names.Length));
        }

        // A mapping gives a key's place from 0, from which ML.NET makes the key.
        return context.Transforms.CustomMapping<LossRow, LabelRow>(
            (row, labelled) => labelled.Label = (uint)CounterfactualLabels.Of(row.Losses, epsilon), null, input, output);
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
