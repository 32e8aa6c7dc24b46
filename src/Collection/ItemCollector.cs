using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Collection;

/// <summary>Scores items with the teacher and with every token at one width: the rows of <see cref="ItemTable"/>.</summary>
internal sealed class ItemCollector : IDisposable
{
    private readonly List<EndingScorer> scorers = [];

    /// <param name="model">The model.</param>
    /// <param name="setup">How the engine runs.</param>
    /// <param name="settings">What is collected.</param>
    /// <param name="longest">The longest item.</param>
    public ItemCollector(LlamaModel model, EngineSetup setup, CollectParams settings, EncodedItem longest)
    {
        foreach (BitWidth width in ItemTable.Widths)
        {
            scorers.Add(new EndingScorer(model, settings.Uniform(width), CacheMode.TwoPass, setup, longest.Length, shared: longest.Shared));
        }
    }

    /// <summary>Memory of a collector: its logits and activations, about.</summary>
    public static long Bytes(LlamaModel model, EngineSetup setup) =>
        sizeof(float) * (long)ItemTable.Widths.Count * (((long)OutputPass.PanelRows * model.Shape.Vocabulary) + ((long)setup.Batch * ((3 * model.Shape.FeedForward) + (8 * model.Shape.Hidden))));

    /// <summary>Scores an item; one with a single ending is right whatever it is, and takes no time.</summary>
    /// <returns>Writes its row.</returns>
    public Action<TableWriter> Collect(EncodedItem item)
    {
        double[][] scores = [.. scorers.Select(scorer => HasChoice(item) ? scorer.Score(item.Context, item.Endings).LogLikelihood : [])];
        return rows => Write(item, scores, rows);
    }

    public void Dispose() => scorers.ForEach(scorer => scorer.Dispose());

    private static bool HasChoice(EncodedItem item) => item.Endings.Length > 1;

    private static void Write(EncodedItem item, double[][] scores, TableWriter rows)
    {
        int label = item.Item.Label;
        EndingChoice[] choices = [.. scores.Select(own => HasChoice(item) ? EndingChoice.Of(item, own) : default)];
        (int choice, int perCharacter, int perByte) = choices[0];
        rows.Add(item.Item.Id).Add(label).Add(item.Context.Length + item.Endings[label].Length)
            .Add(choice).Add(choice == label).Add(perCharacter == label).Add(perByte == label);
        foreach (EndingChoice own in choices)
        {
            rows.Add(own.Sum == label);
        }

        foreach (double[] own in scores)
        {
            rows.Add([.. own.Select(score => (float)score)]);
        }

        rows.EndRow();
    }
}
