using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Collection;

/// <summary>What whole texts lose with all of their tokens but the first in one tier: the KL from 16 bits, summed over the predictions that count.</summary>
/// <param name="model">The model.</param>
/// <param name="code">How tokens are coded.</param>
/// <param name="threads">Threads of the engine.</param>
/// <param name="maxTokens">Of the longest text.</param>
internal sealed class WholeTextLosses(LlamaModel model, KvCacheOptions code, int threads, int maxTokens)
{
    /// <summary>First tokens that stay at 16 bits, as every policy keeps them.</summary>
    public const int Sinks = 1;

    private readonly ReferencePredictions teacher = new(maxTokens, model.Shape.Vocabulary);

    /// <summary>Reads a text once at 16 bits and once in every tier.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="counted">The first prediction that counts, by the token that it follows.</param>
    /// <param name="tiers">The tiers.</param>
    /// <returns>By tier, nats.</returns>
    public double[] Of(int[] tokens, int counted, IReadOnlyList<KvTier> tiers)
    {
        Read(KvTier.Of(BitWidth.Sixteen), (row, logits) => teacher.Store(row, logits));
        return [.. tiers.Select(Loss)];

        double Loss(KvTier tier)
        {
            double sum = 0;
            Read(tier, (row, logits) => sum += row < counted ? 0 : teacher.Compare(row, logits).Kl);
            return sum;
        }

        void Read(KvTier tier, LogitsVisitor visit) => UniformPass.Read(model, tier, Sinks, new EngineSetup(threads, code), tokens, visit);
    }
}
