using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Policies;

/// <summary>A policy that changes another one's choices; its name is the other's with a suffix ("static-4+sinks1").</summary>
/// <param name="inner">The policy that is changed.</param>
/// <param name="suffix">What its name gains, without the plus.</param>
internal abstract class PolicyModifier(PrecisionPolicy inner, string suffix) : PrecisionPolicy
{
    public override string Name { get; } = $"{inner.Name}+{suffix}";

    public override BitWidth Staging => Inner.Staging;

    public override int Recent => Inner.Recent;

    public override int Sinks => Inner.Sinks;

    public override IReadOnlyList<SaliencyFeature> Features => Inner.Features;

    public override RarityTable? Rarity => Inner.Rarity;

    public override HiddenProbe? Probe => Inner.Probe;

    public override string? ControllerSha256 => Inner.ControllerSha256;

    public override bool LooksAtErrors => Inner.LooksAtErrors;

    internal PrecisionPolicy Inner { get; } = inner;

    public override void Begin(ulong sequence) => Inner.Begin(sequence);

    public override IReadOnlyList<float> Remember(int tokens) => Inner.Remember(tokens);

    public override void Recall(IReadOnlyList<KvTier> chosen, IReadOnlyList<float> memory) => Inner.Recall(chosen, memory);

    public override KvTier Choose(int position) => Inner.Choose(position);

    public override KvTier Choose(TokenView token) => Inner.Choose(token);
}
