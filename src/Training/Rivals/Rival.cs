using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;

namespace AdaptiveKv.Training.Rivals;

/// <summary>A trainer of ML.NET that learns the labels from the features, with ML.NET's own settings but for a seed and one thread: then the same rows give the same model.</summary>
/// <param name="Name">In figures and tables.</param>
/// <param name="Trainer">Makes it; its assembly and its native library are loaded here.</param>
internal sealed record Rival(string Name, Func<MLContext, int, IEstimator<ITransformer>> Trainer)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Rival> All { get; } =
    [
        new("fast_tree", (ml, seed) => ml.MulticlassClassification.Trainers.OneVersusAll(
            ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options { Seed = seed, NumberOfThreads = 1 }))),
        new("lbfgs_maximum_entropy", (ml, _) => ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(
            new LbfgsMaximumEntropyMulticlassTrainer.Options { NumberOfThreads = 1 })),
        new("light_gbm", (ml, seed) =>
        {
            LightGbmLibrary.Require();
            return ml.MulticlassClassification.Trainers.LightGbm(new LightGbmMulticlassTrainer.Options { Seed = seed, NumberOfThreads = 1 });
        }),
    ];
}
