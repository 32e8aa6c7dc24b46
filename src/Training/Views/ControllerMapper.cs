using AdaptiveKv.Data.Views;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Training.Views;

/// <summary>From rows with features to the same rows with a controller's choice and probabilities.</summary>
internal sealed class ControllerMapper : IRowToRowMapper
{
    private readonly DataViewSchema.Column features;

    /// <exception cref="ArgumentException">The vector of features is missing, of another length, or has other slot names.</exception>
    public ControllerMapper(Controller controller, string featureColumnName, DataViewSchema input)
    {
        (Controller, InputSchema) = (controller, input);
        features = input.Vector(featureColumnName, controller.Features.Count);
        string[] expected = [.. controller.Features.Select(scale => SaliencyFeatures.Name(scale.Feature))];
        if (features.SlotNames() is { } names && !names.SequenceEqual(expected))
        {
            throw new ArgumentException($"column '{featureColumnName}' holds {string.Join(", ", names)}: this controller reads {string.Join(", ", expected)}");
        }

        string[] tiers = [.. controller.Tiers.Select(cost => cost.Tier.ToString())];
        DataViewSchema.Builder schema = new();
        foreach (DataViewSchema.Column column in input)
        {
            schema.AddColumn(column.Name, column.Type, column.Annotations);
        }

        schema.AddColumn("PredictedLabel", new KeyDataViewType(typeof(uint), tiers.Length), ViewAnnotations.Of(null, ViewAnnotations.KeyValues, tiers));
        schema.AddColumn("Score", new VectorDataViewType(NumberDataViewType.Single, tiers.Length), ViewAnnotations.Of(null, ViewAnnotations.SlotNames, tiers));
        OutputSchema = schema.ToSchema();
    }

    /// <summary>What chooses.</summary>
    public Controller Controller { get; }

    public DataViewSchema InputSchema { get; }

    /// <summary>That of the input, then PredictedLabel and Score.</summary>
    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        dependingColumns.Select(column => column.Index < InputSchema.Count ? InputSchema[column.Index] : features).DistinctBy(column => column.Index);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns) => new ControllerRow(this, features, input, activeColumns);

    /// <summary>A cursor over the rows of another one, which it disposes of.</summary>
    public DataViewRowCursor GetCursor(DataViewRowCursor input, IEnumerable<DataViewSchema.Column> activeColumns) => new ControllerRow(this, features, input, activeColumns);
}
