using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Policies;

/// <summary>Chooses the tier a token is kept in once its step is over.</summary>
public abstract class PrecisionPolicy
{
    /// <summary>Name as the user types it ("static-4").</summary>
    public abstract string Name { get; }

    /// <summary>Width of tokens that wait for their tier; 32 bits only where the policy keeps a reference at 32 bits.</summary>
    public virtual BitWidth Staging => BitWidth.Sixteen;

    /// <summary>Newest tokens that keep the staging width: a token gets its tier that many steps after its own.</summary>
    public virtual int Recent => 0;

    /// <summary>What of a token's saliency the policy looks at.</summary>
    public virtual IReadOnlyList<SaliencyFeature> Features => [];

    /// <summary>Whether the tier depends on the token itself and not on its position alone.</summary>
    public virtual bool LooksAtTokens => Features.Count > 0;

    /// <summary>The tier of the token at <paramref name="position"/>, by its position alone.</summary>
    /// <param name="position">0-based position in the sequence.</param>
    public abstract KvTier Choose(int position);

    /// <summary>The tier of a token that waits for it. Positions are asked in order; what was asked beyond a position is forgotten when it is asked again.</summary>
    /// <param name="token">The token.</param>
    public virtual KvTier Choose(TokenView token) => Choose(token.Position);

    /// <summary>The tiers of a run of tokens, by their positions alone.</summary>
    /// <param name="start">Position of the first.</param>
    /// <param name="tiers">Receives one tier per token.</param>
    public void Choose(int start, Span<KvTier> tiers)
    {
        for (int i = 0; i < tiers.Length; i++)
        {
            tiers[i] = Choose(start + i);
        }
    }
}
