using AdaptiveKv.Files;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Training.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace AdaptiveKv.Training;

/// <summary>
/// A controller as a model of ML.NET. It adds <c>PredictedLabel</c>, a key whose values are the tiers: the tier that the decoder takes at the price 0; and <c>Score</c>, a vector of Single
/// with the tiers as slot names: their probabilities. Rows are computed when a cursor asks for them, on any number of threads.
/// </summary>
public sealed class PrecisionControllerTransformer : ISingleFeaturePredictionTransformer<Controller>
{
    internal PrecisionControllerTransformer(Controller model, string featureColumnName) => (Model, FeatureColumnName) = (model, featureColumnName);

    /// <summary>The controller, with its budget curve, and with the figures of its training in its record.</summary>
    public Controller Model { get; }

    /// <summary>The vector it reads.</summary>
    public string FeatureColumnName { get; }

    /// <summary>A vector of Single, the features in the controller's order.</summary>
    public DataViewType FeatureColumnType => new VectorDataViewType(NumberDataViewType.Single, Model.Features.Count);

    /// <summary>True: a row of it depends on one row.</summary>
    public bool IsRowToRowMapper => true;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The vector of features is missing, of another length, or has other slot names.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new ControllerMapper(Model, FeatureColumnName, inputSchema).OutputSchema;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The vector of features is missing, of another length, or has other slot names.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new ControllerView(input, new ControllerMapper(Model, FeatureColumnName, input.Schema));
    }

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new ControllerMapper(Model, FeatureColumnName, inputSchema);

    /// <summary>A controller that <see cref="Save"/> or 'akv train' wrote.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <param name="featureColumnName">The vector of the features, in the order of the controller's.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is malformed, or from a newer version.</exception>
    public static PrecisionControllerTransformer Load(string path, string featureColumnName = PrecisionControllerOptions.Features) => new(ControllerFile.Read(path).Controller, featureColumnName);

    /// <summary>Writes the controller as 'akv train' does, for decoders and <see cref="Load"/>; whole or not at all, the same bytes every time.</summary>
    /// <param name="path">A safetensors file.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => ControllerFile.Write(path, Model);

    /// <summary>Writes the network for other programs: see <see cref="ControllerOnnx"/>.</summary>
    /// <param name="path">An ONNX file.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void SaveOnnx(string path) => ControllerOnnx.Write(path, Model);

    /// <summary>ML.NET restores models of its own kinds only.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    void ICanSaveModel.Save(ModelSaveContext ctx) =>
        throw new NotSupportedException($"ML.NET restores models of its own kinds only: {nameof(Save)} and {nameof(SaveOnnx)} write a controller, and ApplyOnnxModel of Microsoft.ML.OnnxTransformer takes the latter into a model.zip");
}
