using AdaptiveKv.Policies.Control;
using AdaptiveKv.Torch;
using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Training.Views;
using Microsoft.ML;

namespace AdaptiveKv.Training;

/// <summary>
/// Trains a controller on rows of ML.NET, as the stage "train" does on a table: behaviour cloning with the composite loss, all weights and seeds at once on TorchSharp. The same rows and
/// options give the same controller. <c>context.MulticlassClassification.CrossValidate(rows, trainer, 5, samplingKeyColumnName: "Item")</c> keeps the tokens of an item together.
/// </summary>
public sealed class PrecisionControllerTrainer : IEstimator<PrecisionControllerTransformer>
{
    private readonly MLContext context;
    private readonly PrecisionControllerOptions options;
    private readonly TrainOptions checkedOptions;

    internal PrecisionControllerTrainer(MLContext context, PrecisionControllerOptions options)
    {
        (this.context, this.options) = (context, options);
        checkedOptions = options.ToTrainOptions();
    }

    /// <summary>Trains.</summary>
    /// <param name="input">Has the columns that <see cref="PrecisionControllerOptions"/> names; they are read once.</param>
    /// <returns>Its <see cref="PrecisionControllerTransformer.Model"/> holds the figures of training on the validation rows.</returns>
    /// <exception cref="ArgumentException">A column is missing or of another type, or the costs are of other tiers.</exception>
    /// <exception cref="InvalidDataException">A split is empty, a feature has no value, a row has no label, or all labels are one.</exception>
    /// <exception cref="FileNotFoundException">There is no libtorch, or not the device that is asked for.</exception>
    public PrecisionControllerTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        (TrainingSet set, string hash) = DatasetRows.Read(input, options);
        IReadOnlyList<TierCost> costs = options.Costs ?? [.. set.Tiers.Select(TierCost.Nominal)];
        if (!costs.Select(cost => cost.Tier).SequenceEqual(set.Tiers))
        {
            throw new ArgumentException($"{nameof(options.Costs)} are of the tiers {string.Join(", ", costs.Select(cost => cost.Tier))}: expected {string.Join(", ", set.Tiers)}");
        }

        TorchRuntime.Load();
        Selection selection = Selection.Of(set, checkedOptions, costs, new Progress<long>(), CancellationToken.None);
        Dictionary<string, double> metrics = TrainingMetrics.Of(set, selection.Best, selection.Seeds, costs);
        return new PrecisionControllerTransformer(selection.ToController(set, costs, options.Rarity, options.Probe, hash, metrics), options.FeatureColumnName);
    }

    /// <summary>The columns of every classifier of ML.NET: what comes in, <c>PredictedLabel</c> (key) and <c>Score</c> (vector of Single).</summary>
    // A shape can be made in ML.NET alone; any of its classifiers makes this one.
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(options.LabelColumnName, options.FeatureColumnName).GetOutputSchema(inputSchema);
}
