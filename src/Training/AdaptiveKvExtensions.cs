using Microsoft.ML;

namespace AdaptiveKv.Training;

/// <summary>Where programs of ML.NET find the trainer of controllers.</summary>
public static class AdaptiveKvExtensions
{
    /// <summary>Trainers of controllers.</summary>
    /// <example><code>
    /// MLContext context = new(seed: 1);
    /// IDataView rows = context.Data.LoadDataset("dataset.parquet");
    /// PrecisionControllerTransformer model = context.AdaptiveKv().PrecisionController().Fit(rows);
    /// var metrics = context.MulticlassClassification.Evaluate(model.Transform(rows));
    /// model.Save("controller.safetensors");
    /// </code></example>
    public static AdaptiveKvCatalog AdaptiveKv(this MLContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new AdaptiveKvCatalog(context);
    }
}
