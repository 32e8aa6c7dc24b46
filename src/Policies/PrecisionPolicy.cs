using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies;

/// <summary>Chooses the tier a token is kept in once its step is over.</summary>
public abstract class PrecisionPolicy
{
    /// <summary>Name as the user types it ("static-4").</summary>
    public abstract string Name { get; }

    /// <summary>The tier of the token at <paramref name="position"/>.</summary>
    /// <param name="position">0-based position in the sequence.</param>
    public abstract KvTier Choose(int position);
}
