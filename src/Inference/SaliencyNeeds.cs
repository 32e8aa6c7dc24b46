using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Inference;

/// <summary>What a session keeps of its tokens' saliency.</summary>
/// <param name="Features">The features; all others stay unknown.</param>
/// <param name="Rarity">Of the model's tokens; null where rarity stays unknown.</param>
/// <param name="Window">Tokens after a token, while it waits for its tier, whose attention to it is averaged; 0 for none.</param>
public sealed record SaliencyNeeds(IReadOnlyList<SaliencyFeature> Features, RarityTable? Rarity, int Window)
{
    /// <summary>Tokens after a token whose attention to it is averaged, at most.</summary>
    public const int MostTokens = 8;

    /// <summary>Reads hidden states after <see cref="HiddenLayer"/>; null where what it says stays unknown.</summary>
    public HiddenProbe? Probe { get; init; }

    /// <summary>The layer after which hidden states are kept, from 1 on; 0 for none.</summary>
    public int HiddenLayer { get; init; }

    /// <summary>Nothing.</summary>
    public static SaliencyNeeds None { get; } = new([], null, 0);

    /// <summary>What a policy looks at.</summary>
    public static SaliencyNeeds Of(PrecisionPolicy policy) =>
        new(policy.Features, policy.Rarity, policy.Features.Contains(SaliencyFeature.AttentionReceived) ? Math.Min(policy.Recent, MostTokens) : 0) { Probe = policy.Probe, HiddenLayer = policy.Probe?.Layer ?? 0 };
}
