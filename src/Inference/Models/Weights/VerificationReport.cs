namespace AdaptiveKv.Inference.Models.Weights;

/// <summary>What reading every weight of a model found.</summary>
/// <param name="Summary">What it consists of.</param>
/// <param name="Sha256">Hash over the weights file(s), lower-case hex.</param>
/// <param name="Faults">Tensors with weights that are no numbers; empty for a sound model.</param>
public sealed record VerificationReport(ModelSummary Summary, string Sha256, IReadOnlyList<TensorFault> Faults)
{
    /// <summary>Whether every weight is a finite number.</summary>
    public bool IsSound => Faults.Count == 0;
}
