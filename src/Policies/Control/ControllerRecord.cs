using System.Text.Json.Serialization;

namespace AdaptiveKv.Policies.Control;

/// <summary>What a controller was made of: the provenance in its file.</summary>
public sealed record ControllerRecord
{
    /// <summary>Kind of labels: "example", "counterfactual" or "fisher".</summary>
    public required string Labels { get; init; }

    /// <summary>Weight of the expected loss of quality in training.</summary>
    public required double Lambda { get; init; }

    /// <summary>Weight of the expected cost in training.</summary>
    public required double LatencyWeight { get; init; }

    /// <summary>Seed of split, start and order.</summary>
    public required long Seed { get; init; }

    /// <summary>SHA-256 of the dataset, lower-case hex.</summary>
    public required string DataSha256 { get; init; }

    /// <summary>SHA-256 of the model whose tokens it learned from; empty where the dataset does not say. Another model may use it too.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>Version of the program that made it.</summary>
    public required string Akv { get; init; }

    /// <summary>What trained it; null where nobody wrote it down.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TrainerRecord? Trainer { get; init; }

    /// <summary>How it was fitted to another model afterwards; null for one that was not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RescaleRecord? Rescaled { get; init; }

    /// <summary>Figures on the validation split, by name.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }
}
