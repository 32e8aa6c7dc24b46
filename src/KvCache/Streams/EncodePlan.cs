namespace AdaptiveKv.KvCache.Streams;

/// <summary>Where the staged tokens go. A token that stays at the staging width moves towards the front, never over an unread one.</summary>
internal sealed class EncodePlan(int maxTokens)
{
    private readonly TokenPlace[] targets = new TokenPlace[maxTokens];

    /// <summary>Slot of the first staged token.</summary>
    public int FirstSlot { get; private set; }

    /// <summary>Number of staged tokens.</summary>
    public int Tokens { get; private set; }

    public void Start(int firstSlot, int tokens)
    {
        FirstSlot = firstSlot;
        Tokens = tokens;
    }

    public void Place(int token, TokenPlace place) => targets[token] = place;

    public TokenPlace Target(int token) => targets[token];
}
