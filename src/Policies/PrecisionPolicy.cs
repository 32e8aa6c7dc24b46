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

    /// <summary>First tokens of a sequence that stay at the staging width for good.</summary>
    public virtual int Sinks => 0;

    /// <summary>What of a token's saliency the policy looks at.</summary>
    public virtual IReadOnlyList<SaliencyFeature> Features => [];

    /// <summary>The rarity of tokens, where the policy looks at it and brings it along.</summary>
    public virtual RarityTable? Rarity => null;

    /// <summary>The probe of hidden states, where the policy looks at what it says and brings it along.</summary>
    public virtual HiddenProbe? Probe => null;

    /// <summary>SHA-256 of the file of the controller that chooses; null where none does, or one without a file.</summary>
    public virtual string? ControllerSha256 => null;

    /// <summary>Whether the policy looks at the token's own errors.</summary>
    public virtual bool LooksAtErrors => false;

    /// <summary>Whether the tier depends on the token itself and not on its position alone.</summary>
    public bool LooksAtTokens => LooksAtErrors || Features.Count > 0;

    /// <summary>Begins another sequence.</summary>
    /// <param name="sequence">Differs between sequences, and is the same whenever a sequence is read again: what is left to chance hangs on it.</param>
    public virtual void Begin(ulong sequence)
    {
    }

    /// <summary>What the policy knows of a sequence beyond the tiers it chose, for a session that is saved.</summary>
    /// <param name="tokens">Tokens that have tiers.</param>
    public virtual IReadOnlyList<float> Remember(int tokens) => [];

    /// <summary>Goes on in a sequence, as if it had chosen its first tiers itself; another one of its name has.</summary>
    /// <param name="chosen">The tiers.</param>
    /// <param name="memory">What the other one remembered.</param>
    /// <exception cref="ArgumentException">It is no memory of so many tokens.</exception>
    public virtual void Recall(IReadOnlyList<KvTier> chosen, IReadOnlyList<float> memory)
    {
        if (memory.Count > 0)
        {
            throw new ArgumentException($"policy '{Name}' remembers nothing beyond its choices; there are {memory.Count} numbers");
        }
    }

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
