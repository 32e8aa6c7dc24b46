using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Evaluation;

/// <summary>Any set of policies ready to score the same items, side by side.</summary>
internal sealed class PolicyArena : IDisposable
{
    private readonly List<EndingScorer> scorers = [];
    private readonly ReferencePass? reference;

    /// <param name="model">The model.</param>
    /// <param name="policies">At least one, each name once.</param>
    /// <param name="mode">How the cache is filled.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="items">All items that will be scored; their contexts begin with the same <see cref="EncodedItem.Shared"/> tokens.</param>
    /// <param name="compare">Whether divergences from 16 bits are wanted.</param>
    /// <param name="referenceThreads">Threads of the reference pass, for which policies that run side by side wait; those of the setup if not given.</param>
    /// <exception cref="InvalidDataException">An item does not fit the model's context.</exception>
    public PolicyArena(LlamaModel model, IReadOnlyList<PrecisionPolicy> policies, CacheMode mode, EngineSetup setup, IReadOnlyList<EncodedItem> items, bool compare, int? referenceThreads = null)
    {
        EncodedItem longest = EncodedItem.Longest(items, model.Shape.ContextLength);
        int prompt = (int)items.Average(item => item.Context.Length); // What is shared is read once, before any item: a typical one stands for all.
        try
        {
            if (compare || policies.Any(policy => policy.Features.Count > 0))
            {
                reference = new ReferencePass(model, policies, setup with { Threads = referenceThreads ?? setup.Threads }, longest.Length, keepPredictions: compare, longest.Shared, prompt);
            }

            foreach (PrecisionPolicy policy in policies)
            {
                scorers.Add(new EndingScorer(model, policy, mode, setup, longest.Length, reference, longest.Shared, prompt));
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        Scorings = [.. policies.Zip(scorers, (policy, scorer) => (policy.Name, (EndingScoring)scorer.Score))];
    }

    /// <summary>Each policy's name and how it scores an item.</summary>
    public IReadOnlyList<(string Name, EndingScoring Score)> Scorings { get; }

    public void Dispose()
    {
        scorers.ForEach(scorer => scorer.Dispose());
        reference?.Dispose();
    }
}
