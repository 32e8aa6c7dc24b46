using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies;

/// <summary>A learned policy whose controller is not made yet: its name can be judged, nothing else.</summary>
/// <param name="name">Such as "learned-3.5".</param>
internal sealed class AwaitedPolicy(string name) : PrecisionPolicy
{
    public override string Name => name;

    public override KvTier Choose(int position) => throw new InvalidOperationException($"policy '{name}' has no controller yet");
}
