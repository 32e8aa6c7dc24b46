using AdaptiveKv.Files;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference;

// A sequence on disk.
public sealed partial class AdaptiveSession
{
    /// <summary>Writes the sequence to a file: the packed cache and all that is needed to go on with the same tokens. Whole or not at all.</summary>
    /// <exception cref="IOException">The disk is full or the folder is missing; a file that was there is unchanged.</exception>
    public void Save(string path) => SessionFile.Write(path, this, []);

    /// <summary>Goes on where a saved session was; what this one held is forgotten. A file that is refused changes nothing.</summary>
    /// <param name="path">A file of <see cref="Save"/>, by a session of the same model, transform, code, policy and controller.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is damaged or no session, one of another model, transform, code, policy, controller or budget, or longer than this one can be.</exception>
    public void Load(string path) => SessionFile.Read(path, this);

    /// <summary>What is known of the sequence beside the cache.</summary>
    internal SessionMemory Remember() => new(Policy.Remember(Cache.Count - Cache.Staged), saliency.Remember(Engine, Math.Min(Cache.Count, Math.Max(Cache.Staged, 1))));

    /// <summary>Goes on in a sequence of another session, the bytes of whose streams follow.</summary>
    /// <param name="memory">The other one's.</param>
    /// <param name="order">Tiers of its streams.</param>
    /// <param name="tiers">By position.</param>
    /// <param name="waiting">Tokens that wait for their tier.</param>
    /// <exception cref="ArgumentException">The memory is not one of such a session; nothing has changed.</exception>
    internal void Recall(SessionMemory memory, IReadOnlyList<KvTier> order, IReadOnlyList<KvTier> tiers, int waiting)
    {
        if (!saliency.Fits(memory.Saliency))
        {
            throw new ArgumentException("the features of the newest tokens are others");
        }

        PromptEnd = 0;
        Policy.Begin(0);
        Policy.Recall([.. tiers.SkipLast(waiting)], memory.Policy);
        Cache.Lay(order, tiers, waiting);
        saliency.Recall(memory.Saliency, tiers.Count);
    }
}
