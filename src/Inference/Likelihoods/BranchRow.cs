namespace AdaptiveKv.Inference.Likelihoods;

/// <summary>Logits after one token of a batch of branches.</summary>
/// <param name="logits">[vocabulary].</param>
/// <param name="ending">Branch; -1 for the common context.</param>
/// <param name="index">Token within the branch.</param>
internal readonly ref struct BranchRow(ReadOnlySpan<float> logits, int ending, int index)
{
    public ReadOnlySpan<float> Logits { get; } = logits;

    public int Ending { get; } = ending;

    public int Index { get; } = index;
}
