namespace AdaptiveKv.Inference;

/// <summary>What a session knows of a sequence beside its cache.</summary>
/// <param name="Policy">What its policy remembers.</param>
/// <param name="Saliency">What is known of the newest tokens.</param>
internal sealed record SessionMemory(IReadOnlyList<float> Policy, SaliencyMemory Saliency);
