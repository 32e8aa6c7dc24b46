using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Collection;

/// <summary>A text read in one batch with all of its tokens but the first ones in one tier.</summary>
internal static class UniformPass
{
    /// <summary>Reads it from an empty cache.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tier">The tier.</param>
    /// <param name="sinks">First tokens that stay at 16 bits.</param>
    /// <param name="setup">How the engine runs; the batch is the text.</param>
    /// <param name="tokens">The text.</param>
    /// <param name="visit">Sees the logits after every token.</param>
    public static void Read(LlamaModel model, KvTier tier, int sinks, EngineSetup setup, int[] tokens, LogitsVisitor visit)
    {
        PrecisionPolicy policy = PolicyCatalog.WithSinks(PolicyCatalog.ParseOne($"static-{tier}"), sinks);
        using AdaptiveSession session = new(model, policy, CacheMode.TwoPass, setup with { Batch = tokens.Length }, tokens.Length);
        session.Advance(tokens, visit);
    }
}
