using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Collection;

/// <summary>Reads items with the teacher and, of sampled tokens, measures what each tier would cost: the rows of <see cref="TokenTable"/>.</summary>
internal sealed class TokenCollector : IDisposable
{
    private readonly LlamaModel model;
    private readonly CollectParams settings;
    private readonly int[] columns;
    private readonly int recorded;
    private readonly SequencePass teacher;
    private readonly CounterfactualPass? counterfactual;

    /// <param name="model">The model.</param>
    /// <param name="needs">Which features are kept.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="settings">What is collected.</param>
    /// <param name="maxTokens">Tokens of the longest item.</param>
    public TokenCollector(LlamaModel model, SaliencyNeeds needs, EngineSetup setup, CollectParams settings, int maxTokens)
    {
        (this.model, this.settings) = (model, settings);
        List<KvTier> tiers = [.. TokenTable.Recorded(settings.TriedTiers)];
        (columns, recorded) = ([.. settings.TriedTiers.Select(tier => tiers.IndexOf(tier))], tiers.Count);
        teacher = new SequencePass(model, needs, setup, maxTokens);
        counterfactual = settings.Samples > 0 ? new CounterfactualPass(model, settings.OperatingPolicy, setup, maxTokens) : null;
    }

    /// <summary>Memory of a collector: the teacher's predictions after every token, logits and probabilities.</summary>
    public static long Bytes(LlamaModel model, int maxTokens) => 2L * sizeof(float) * maxTokens * model.Shape.Vocabulary;

    /// <summary>Reads an item's context and right ending.</summary>
    /// <param name="item">The item.</param>
    /// <param name="correct">Whether the teacher chooses the right ending.</param>
    /// <param name="cancellation">Ends the work on the item.</param>
    /// <returns>Writes a row per token.</returns>
    public Action<TableWriter> Collect(EncodedItem item, bool correct, CancellationToken cancellation)
    {
        int[] sequence = CollectionSample.TextOf(item);
        teacher.Read(sequence, settings.PromptOf(item));
        double[]? baseline = counterfactual?.Base(sequence, teacher);
        float[][] costs = [.. sequence.Select(_ => Enumerable.Repeat(float.NaN, recorded).ToArray())];
        counterfactual?.Run(
            sequence, teacher, baseline!, settings.CountedOf(item), Sampled(item.Item.Id, sequence.Length), settings.TriedTiers, (position, tier, increase) => costs[position][columns[tier]] = (float)increase, cancellation);
        float[][] saliency = [.. sequence.Select((_, position) => teacher.Saliency(position).ToArray())]; // The next item takes the teacher's place.
        float[][] hidden = settings.HiddenLayer > 0 ? [.. sequence.Select((_, position) => teacher.Hidden(position).ToArray())] : [];
        return rows => Write(item, sequence, correct, saliency, baseline, costs, hidden, rows);
    }

    public void Dispose()
    {
        teacher.Dispose();
        counterfactual?.Dispose();
    }

    private void Write(EncodedItem item, int[] sequence, bool correct, float[][] saliency, double[]? baseline, float[][] costs, float[][] hidden, TableWriter rows)
    {
        for (int position = 0; position < sequence.Length; position++)
        {
            rows.Add(item.Item.Id).Add(position).Add(sequence[position]).Add(model.Tokenizer.Decode([sequence[position]])).Add(correct);
            AddOrNull(rows, saliency[position]);
            AddOrNull(rows, [baseline is null ? float.NaN : (float)baseline[position]]);
            AddOrNull(rows, costs[position]);
            if (hidden.Length > 0)
            {
                rows.Add(hidden[position]);
            }

            rows.EndRow();
        }
    }

    // The last token has no later prediction.
    private int[] Sampled(string item, int length)
    {
        int candidates = Math.Max(length - 1 - settings.Sinks, 0);
        int[] drawn = RandomDraw.Indices(candidates, Math.Min(settings.Samples, candidates), CollectionSample.SeedOf(item, settings.Seed));
        Array.Sort(drawn);
        return [.. drawn.Select(index => settings.Sinks + index)];
    }

    private static void AddOrNull(TableWriter rows, ReadOnlySpan<float> values)
    {
        foreach (float value in values)
        {
            if (float.IsNaN(value))
            {
                rows.AddNull();
            }
            else
            {
                rows.Add(value);
            }
        }
    }
}
