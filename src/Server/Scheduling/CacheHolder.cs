using System.Runtime.InteropServices;
using AdaptiveKv.Inference;
using AdaptiveKv.KvCache.Streams;
using AdaptiveKv.Policies.Budgets;

namespace AdaptiveKv.Server.Scheduling;

/// <summary>A sequence's cache and what is in it: in use, or kept after its end for others that begin alike.</summary>
internal sealed class CacheHolder
{
    private readonly List<int> tokens;
    private readonly SequenceStart start;
    private AdaptiveSession? session;

    /// <summary>A cache in use.</summary>
    /// <param name="session">Its sequence, empty.</param>
    /// <param name="prompt">What it will read first.</param>
    /// <param name="lender">The cache that it begins with; null for none.</param>
    /// <param name="start">What it takes over.</param>
    /// <param name="bytes">Bytes that are set aside for it.</param>
    public CacheHolder(AdaptiveSession session, int[] prompt, CacheHolder? lender, SequenceStart start, long bytes)
    {
        (this.session, Cache, Lender, this.start, Bytes) = (session, session.Cache, lender, start, bytes);
        tokens = [.. prompt];
        if (lender is not null)
        {
            Cache.BeginAs(lender.Cache, start.Tokens);
            lender.Borrowers.Add(this);
        }
    }

    /// <summary>The sequence; null once it has ended.</summary>
    public AdaptiveSession? Session => session;

    /// <summary>Keys and values.</summary>
    public PackedKvCache Cache { get; }

    /// <summary>Whose memory the first tokens lie in.</summary>
    public CacheHolder? Lender { get; }

    /// <summary>How many.</summary>
    public int Shared => start.Tokens;

    /// <summary>Who reads tokens of this one.</summary>
    public HashSet<CacheHolder> Borrowers { get; } = [];

    /// <summary>Bytes that are set aside for it.</summary>
    public long Bytes { get; private set; }

    /// <summary>When its sequence ended.</summary>
    public long Ended { get; private set; }

    /// <summary>Tokens that others can take over.</summary>
    public int Encoded => Cache.Count - Cache.Staged;

    /// <summary>Adds a token behind the prompt.</summary>
    public void Add(int token) => tokens.Add(token);

    /// <summary>Tokens that a prompt begins with and this sequence has, or is about to read.</summary>
    public int CommonWith(ReadOnlySpan<int> prompt) => prompt.CommonPrefixLength(CollectionsMarshal.AsSpan(tokens));

    /// <summary>Own tokens by tier: those that are not taken over.</summary>
    public int OwnTokens(int tier, int all) => all - start.Tiers[tier];

    /// <summary>Ends the sequence and keeps its cache as it is.</summary>
    public void End(long now)
    {
        session!.Engine.Detach();
        session = null;
        Ended = now;
        Cut(Encoded);
    }

    /// <summary>Gives back what no one reads; the tokens of borrowers stay.</summary>
    /// <returns>Whether nothing is left.</returns>
    public bool Shrink()
    {
        int kept = Borrowers.Count == 0 ? 0 : Borrowers.Max(borrower => borrower.Shared);
        if (kept == 0)
        {
            Cache.Dispose();
            Lender?.Borrowers.Remove(this);
            return true;
        }

        Cut(kept);
        return false;
    }

    private void Cut(int position)
    {
        Cache.Truncate(Math.Max(position, Shared));
        tokens.RemoveRange(Cache.Count, tokens.Count - Cache.Count);
        Bytes = Cache.Statistics().Bytes;
    }
}
