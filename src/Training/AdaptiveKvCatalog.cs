using Microsoft.ML;

namespace AdaptiveKv.Training;

/// <summary>Trainers of controllers for ML.NET: see <see cref="AdaptiveKvExtensions.AdaptiveKv"/>.</summary>
public sealed class AdaptiveKvCatalog
{
    private readonly MLContext context;

    internal AdaptiveKvCatalog(MLContext context) => this.context = context;

    /// <summary>A trainer of controllers, that of the stage "train".</summary>
    /// <param name="options">How; the defaults of the stage if null.</param>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public PrecisionControllerTrainer PrecisionController(PrecisionControllerOptions? options = null) => new(context, options ?? new PrecisionControllerOptions());
}
