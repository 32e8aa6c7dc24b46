using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Inference;

// What is seen of tokens.
public sealed partial class AdaptiveSession
{
    /// <summary>
    /// Position after the last token that is given, where one is read before it is answered: tokens before it are told how many of the prompt are still to come.
    /// 0, as after <see cref="Reset"/> and <see cref="Load"/>, where every prediction counts. Generations set it.
    /// </summary>
    public int PromptEnd
    {
        get => saliency.PromptEnd;
        set => saliency.PromptEnd = value;
    }

    /// <summary>Features of a token by <see cref="Policies.Saliency.SaliencyFeature"/>, as far as they are seen.</summary>
    internal ReadOnlySpan<float> Saliency(int position) => saliency.Of(position);

    /// <summary>Says what the features of a token are that the session does not see itself.</summary>
    internal void Tell(int position, ReadOnlySpan<float> features) => saliency.Tell(position, features);

    /// <summary>The tier that the policy chooses for a token.</summary>
    internal KvTier TierOf(int position) => Policy.Choose(new TokenView(position, saliency.Of(position), ownError));
}
