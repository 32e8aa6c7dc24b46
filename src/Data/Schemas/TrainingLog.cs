using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace AdaptiveKv.Data.Schemas;

/// <summary>How a controller was trained: what the stage train writes and the report draws. It holds no times, so that the same seed gives the same bytes.</summary>
internal sealed record TrainingLog
{
    /// <summary>The version that is written, and the last that is read.</summary>
    public const int Version = 1;

    /// <summary>The file, written and read strictly.</summary>
    public static JsonTypeInfo<TrainingLog> Json => TrainingLogJson.Default.TrainingLog;

    /// <summary>Version of the file.</summary>
    public required int Format { get; init; }

    // The reader of JSON sets what a file leaves out to null, whatever it is set to here.

    /// <summary>How rows were labelled.</summary>
    public string? Labels { get; init; }

    /// <summary>Seed of everything random.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Weight of the loss of quality.</summary>
    public double Lambda { get; init; }

    /// <summary>Weight of the cost.</summary>
    public double LatencyWeight { get; init; }

    /// <summary>Rows by split.</summary>
    public IReadOnlyDictionary<string, long> Rows { get; init => field = value ?? field; } = new Dictionary<string, long>();

    /// <summary>Names of the classes, from few bits to many.</summary>
    public IReadOnlyList<string> Tiers { get; init => field = value ?? []; } = [];

    /// <summary>Names of the inputs.</summary>
    public IReadOnlyList<string> Features { get; init => field = value ?? []; } = [];

    /// <summary>At least one, in order.</summary>
    public required IReadOnlyList<EpochRecord> Epochs { get; init; }

    /// <summary>The one whose weights were kept.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Validation rows by label (rows) and choice (columns), in the order of <see cref="Tiers"/>.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Confusion { get; init => field = value ?? []; } = [];

    /// <summary>Whether the network is as often right as it believes: rows by tenths of the largest probability.</summary>
    public IReadOnlyList<CalibrationBin> Calibration { get; init => field = value ?? []; } = [];

    /// <summary>What the loss gains when a feature's values are shuffled.</summary>
    public IReadOnlyList<FeatureImportance> Importance { get; init => field = value ?? []; } = [];

    /// <summary>One record per pair of weights that was tried.</summary>
    public IReadOnlyList<TrainingTrial> Lambdas { get; init => field = value ?? []; } = [];

    /// <summary>One record per seed that was tried.</summary>
    public IReadOnlyList<TrainingTrial> Seeds { get; init => field = value ?? []; } = [];

    /// <summary>Mean bits by the price of a bit.</summary>
    public IReadOnlyList<BudgetPoint> Budget { get; init => field = value ?? []; } = [];

    /// <summary>SHA-256 of the training data.</summary>
    public string? DataSha256 { get; init; }

    /// <exception cref="InvalidDataException">A later version, or its parts do not fit together.</exception>
    public void Check(string path)
    {
        string? problem =
            Format > Version ? $"format {Format}: expected {Version}: use a newer akv"
            : Epochs.Count == 0 ? "no epoch"
            : Epochs.All(epoch => epoch.Epoch != BestEpoch) ? $"best_epoch is {BestEpoch}, which is none of the epochs"
            : Confusion.Any(row => row.Count != Confusion.Count) || (Confusion.Count > 0 && Confusion.Count != Tiers.Count)
                ? $"'confusion' is not a square of {Tiers.Count} tiers"
            : null;
        if (problem is not null)
        {
            throw new InvalidDataException($"{path}: not a whole training log: {problem}");
        }
    }
}

/// <summary>How one pass over the rows went.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Train">Mean over the pass, each batch before its own step.</param>
/// <param name="Validation">After the pass.</param>
internal sealed record EpochRecord(int Epoch, LossTerms Train, LossTerms Validation);

/// <summary>The terms of the loss, each a mean over rows and without its weight, and what is minimised.</summary>
/// <param name="CrossEntropy">-log p of the label, nats.</param>
/// <param name="Latency">Expected cost, 0 to 1.</param>
/// <param name="Accuracy">Expected loss of quality.</param>
/// <param name="Total">CE + latency weight * latency + lambda * accuracy; the deviance where losses are predicted.</param>
/// <param name="Correct">Share of rows whose likeliest tier is the label; null where a file leaves it out.</param>
internal sealed record LossTerms(double CrossEntropy, double Latency, double Accuracy, double Total, double? Correct = null);

/// <summary>Choices of about one confidence.</summary>
/// <param name="Confidence">Mean probability of the choice.</param>
/// <param name="Correct">Share that was right.</param>
/// <param name="N">How many.</param>
internal sealed record CalibrationBin(double Confidence, double Correct, long N);

/// <summary>A feature's part in the result.</summary>
/// <param name="Feature">Its name.</param>
/// <param name="Increase">Of the loss when it is shuffled.</param>
/// <param name="Low">Lower end of its 95 % interval.</param>
/// <param name="High">Upper end.</param>
internal sealed record FeatureImportance(string Feature, double Increase, double Low, double High);

/// <summary>A network that was tried, by its figures on validation.</summary>
internal sealed record TrainingTrial(
    double Lambda, double LatencyWeight, ulong Seed, double Total, double Correct, double MatchedLoss, double GapClosed, double MeanBits);

/// <summary>A price of a bit and what it leads to.</summary>
/// <param name="Price">Subtracted from a tier's logit for each of its bits.</param>
/// <param name="Bits">Mean bits of the choices.</param>
internal sealed record BudgetPoint(double Price, double Bits);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(TrainingLog))]
internal sealed partial class TrainingLogJson : JsonSerializerContext;
