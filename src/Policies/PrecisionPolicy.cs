using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies;

/// <summary>Chooses the tier a token is kept in once its step is over.</summary>
public abstract class PrecisionPolicy
{
    /// <summary>Name as the user types it ("static-4").</summary>
    public abstract string Name { get; }

    /// <summary>Width of tokens that wait for their tier; 32 bits only where the policy keeps a reference at 32 bits.</summary>
    public virtual BitWidth Staging => BitWidth.Sixteen;

    /// <summary>The tier of the token at <paramref name="position"/>.</summary>
    /// <param name="position">0-based position in the sequence.</param>
    public abstract KvTier Choose(int position);

    /// <summary>The tiers of a run of tokens.</summary>
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
