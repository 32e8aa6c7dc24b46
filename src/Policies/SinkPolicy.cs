using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies;

/// <summary>
/// Keeps the first tokens of a sequence at the staging width: attention sinks (Xiao et al. 2023), whose keys and values are unlike all others
/// and are read by every later token.
/// </summary>
/// <param name="inner">Decides for all other tokens.</param>
/// <param name="sinks">Number of tokens.</param>
internal sealed class SinkPolicy(PrecisionPolicy inner, int sinks) : PolicyModifier(inner, $"sinks{sinks}")
{
    private readonly KvTier kept = KvTier.Of(inner.Staging);

    public override int Sinks => Math.Max(sinks, base.Sinks);

    public override KvTier Choose(int position) => position < sinks ? kept : base.Choose(position);

    public override KvTier Choose(TokenView token)
    {
        KvTier chosen = base.Choose(token);
        return token.Position < sinks ? kept : chosen;
    }
}
