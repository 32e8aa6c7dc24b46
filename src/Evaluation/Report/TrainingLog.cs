namespace AdaptiveKv.Evaluation.Report;

/// <summary>What a training wrote about itself.</summary>
/// <param name="Format">Version of the file.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Epochs">At least one, in order.</param>
/// <param name="BestEpoch">The one whose weights were kept.</param>
internal sealed record TrainingLog(int Format, ulong Seed, IReadOnlyList<TrainingEpoch> Epochs, int BestEpoch)
{
    private const int Version = 1;

    // The reader of JSON sets what a file leaves out to null, whatever it is set to here.

    /// <summary>How rows were labelled.</summary>
    public string? Labels { get; init; }

    /// <summary>Rows by split.</summary>
    public IReadOnlyDictionary<string, long> Rows { get; init => field = value ?? field; } = new Dictionary<string, long>();

    /// <summary>Names of the classes, from few bits to many.</summary>
    public IReadOnlyList<string> Tiers { get; init => field = value ?? []; } = [];

    /// <summary>Names of the inputs.</summary>
    public IReadOnlyList<string> Features { get; init => field = value ?? []; } = [];

    /// <summary>Validation rows by label (rows) and choice (columns), in the order of <see cref="Tiers"/>.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Confusion { get; init => field = value ?? []; } = [];

    /// <summary>How often choices of a confidence were right.</summary>
    public IReadOnlyList<CalibrationBin> Calibration { get; init => field = value ?? []; } = [];

    /// <summary>What the loss gains when a feature's values are shuffled.</summary>
    public IReadOnlyList<FeatureImportance> Importance { get; init => field = value ?? []; } = [];

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

/// <summary>One pass over the data.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Train">Losses on the training split.</param>
/// <param name="Validation">Losses on the validation split.</param>
internal sealed record TrainingEpoch(int Epoch, TrainingLosses Train, TrainingLosses Validation);

/// <summary>The terms of the composite loss and their sum.</summary>
/// <param name="CrossEntropy">Of the labels.</param>
/// <param name="Latency">Expected cost of the choice.</param>
/// <param name="Accuracy">Expected loss of quality.</param>
/// <param name="Total">What is minimized.</param>
internal sealed record TrainingLosses(double CrossEntropy, double Latency, double Accuracy, double Total)
{
    /// <summary>Share of rows whose choice is the label; null where it was not computed.</summary>
    public double? Correct { get; init; }
}

/// <summary>Choices of about one confidence.</summary>
/// <param name="Confidence">Mean probability of the choice.</param>
/// <param name="Correct">Share that was right.</param>
/// <param name="N">How many.</param>
internal sealed record CalibrationBin(double Confidence, double Correct, long N);

/// <summary>A feature's part in the result.</summary>
/// <param name="Feature">Its name.</param>
/// <param name="Increase">Of the loss when it is shuffled.</param>
/// <param name="Low">Lower end of its interval.</param>
/// <param name="High">Upper end.</param>
internal sealed record FeatureImportance(string Feature, double Increase, double Low, double High);

/// <summary>A price of a bit and what it leads to.</summary>
/// <param name="Price">Subtracted from a tier's logit for each of its bits.</param>
/// <param name="Bits">Mean bits of the choices.</param>
internal sealed record BudgetPoint(double Price, double Bits);
