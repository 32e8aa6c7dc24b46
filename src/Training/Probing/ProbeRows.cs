using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Training.Datasets;

namespace AdaptiveKv.Training.Probing;

/// <summary>Tokens with their hidden states and what they cost, added up by fold: the tokens of an item are of one fold.</summary>
internal sealed class ProbeRows : IDisposable
{
    private static readonly TableColumn Remaining = TokenTable.Feature(SaliencyFeature.LogRemaining);

    private readonly RidgeSums?[] folds;
    private readonly HashSet<string> items = [];

    /// <summary>Reads them.</summary>
    /// <param name="paths">The segments of the table of the stage collect.</param>
    /// <param name="costs">What its tokens cost.</param>
    /// <param name="parts">Folds.</param>
    /// <param name="skipFirst">First tokens of each item that are left out.</param>
    /// <param name="progress">Hears of tokens.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidDataException">A segment is damaged, of another kind or newer, or has no hidden states, or they are of several widths.</exception>
    public ProbeRows(IReadOnlyList<string> paths, ExpectedCosts costs, int parts, int skipFirst, IProgress<long> progress, CancellationToken cancellation)
    {
        folds = new RidgeSums?[parts];
        TableReader reader = TableReader.Open(paths[0], paths, TokenTable.Of(TokenTable.Item, TokenTable.Position, Remaining, TokenTable.Hidden));
        Dictionary<string, int> last = Lengths(reader, cancellation);
        Dictionary<string, int> order = last.Keys.Index().ToDictionary(item => item.Item, item => item.Index);
        long done = 0;
        foreach (TableBatch batch in reader.Read([TokenTable.Item.Name, TokenTable.Position.Name, Remaining.Name, TokenTable.Hidden.Name], cancellation))
        {
            List<double>[] x = [.. folds.Select(_ => new List<double>())], y = [.. folds.Select(_ => new List<double>())];
            for (int row = 0; row < batch.Rows; row++)
            {
                (string item, int position) = (batch.Values<string>(TokenTable.Item.Name)[row], batch.Values<int>(TokenTable.Position.Name)[row]);
                double target = Target(costs.Of(item, position), last[item] - position - TokenTable.TokensOf(batch.Values<float>(Remaining.Name)[row]));
                ReadOnlySpan<float> hidden = batch.List(TokenTable.Hidden.Name, row);
                if (position < skipFirst || !double.IsFinite(target))
                {
                    continue;
                }

                Take(hidden, x[order[item] % folds.Length], paths[0]);
                y[order[item] % folds.Length].Add(target);
                items.Add(item);
            }

            for (int fold = 0; fold < folds.Length; fold++)
            {
                if (y[fold].Count > 0)
                {
                    (folds[fold] ??= new RidgeSums(Width)).Add([.. x[fold]], [.. y[fold]]);
                }
            }

            progress.Report(done += batch.Rows);
        }
    }

    /// <summary>Numbers of a hidden state; 0 where no token has one.</summary>
    public int Width { get; private set; }

    /// <summary>Items that have tokens.</summary>
    public int Items => items.Count;

    /// <summary>The folds that have tokens.</summary>
    public IReadOnlyList<RidgeSums> Folds => [.. folds.OfType<RidgeSums>()];

    public void Dispose()
    {
        foreach (RidgeSums fold in Folds)
        {
            fold.Dispose();
        }
    }

    // By item, in the table's order: the position of the last token.
    private static Dictionary<string, int> Lengths(TableReader reader, CancellationToken cancellation)
    {
        Dictionary<string, int> last = [];
        foreach (TableBatch batch in reader.Read([TokenTable.Item.Name, TokenTable.Position.Name], cancellation))
        {
            for (int row = 0; row < batch.Rows; row++)
            {
                string item = batch.Values<string>(TokenTable.Item.Name)[row];
                last[item] = Math.Max(last.GetValueOrDefault(item), batch.Values<int>(TokenTable.Position.Name)[row]);
            }
        }

        return last;
    }

    // Mean over the tiers of ln(cost / later predictions that count): a token of a longer text costs more for that alone.
    private static double Target(float[] costs, int later) => later > 0 && Array.TrueForAll(costs, cost => cost > 0) ? costs.Average(cost => Math.Log(cost)) - Math.Log(later) : double.NaN;

    private void Take(ReadOnlySpan<float> hidden, List<double> x, string path)
    {
        Width = Width == 0 ? hidden.Length : Width;
        if (hidden.IsEmpty || hidden.Length != Width)
        {
            throw new InvalidDataException(
                $"{path}: a token has {hidden.Length} numbers of hidden state{(hidden.IsEmpty ? ": collect with hidden_layer" : $", others have {Width}: collect all with one model")}");
        }

        float rms = HiddenProbe.Rms(hidden);
        foreach (float number in hidden)
        {
            x.Add(number / rms);
        }
    }
}
