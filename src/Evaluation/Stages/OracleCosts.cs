using AdaptiveKv.Inference.Likelihoods;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>
/// What every tier of every token of some texts costs, as collected: the knowledge of the oracle. It chooses argmin over b of
/// cost_b + price * bits_b, with one price for all texts that leads to the wanted mean of bits.
/// </summary>
internal sealed class OracleCosts
{
    // The curve tells prices apart to 1e-6; costs of single tokens can be smaller than that.
    private const double Scale = 1000;

    private readonly IReadOnlyList<KvTier> tiers;
    private readonly double[] bits;
    private readonly Dictionary<ulong, float[]> worths;
    private readonly BudgetCurve curve;

    private OracleCosts(IReadOnlyList<KvTier> tiers, Dictionary<ulong, float[]> worths)
    {
        (this.tiers, this.worths) = (tiers, worths);
        bits = [.. tiers.Select(tier => TierCost.Nominal(tier).Bits)];
        curve = BudgetCurve.Of([.. worths.Values.SelectMany(own => own.Chunk(tiers.Count).Where(token => token.All(float.IsFinite)).SelectMany(token => token))], bits);
    }

    /// <summary>Reads the tokens of the stage collect.</summary>
    /// <param name="segments">The table's files.</param>
    /// <exception cref="InvalidDataException">Not every token but the first and last ones of each text has costs.</exception>
    public static OracleCosts Read(IReadOnlyList<string> segments)
    {
        KvTier[] tiers = Tiers(segments[0]);
        Dictionary<string, List<(int Token, float[] Costs)>> texts = [];
        foreach (string path in segments)
        {
            ReadSegment(path, tiers, texts);
        }

        int[] measured = [.. Enumerable.Range(0, tiers.Length).Where(tier => texts.Values.Any(text => text.Exists(row => float.IsFinite(row.Costs[tier]))))];
        if (measured.Length < 2)
        {
            throw new InvalidDataException($"{segments[0]}: no costs of tokens, which an oracle needs: collect with 'samples' and two 'tiers' at least");
        }

        Dictionary<ulong, float[]> worths = [];
        foreach ((string item, List<(int Token, float[] Costs)> rows) in texts)
        {
            float[][] own = [.. rows.Select(row => measured.Select(tier => -row.Costs[tier] * (float)Scale).ToArray())];
            int first = Array.FindIndex(own, IsKnown);
            int gap = first < 0 ? 0 : Array.FindIndex(own, first, costs => !IsKnown(costs));
            if (first < 0 || (gap >= 0 && gap < own.Length - 1))
            {
                throw new InvalidDataException($"{segments[0]}: item '{item}': token {gap} has no costs, and an oracle needs those of all: collect with 'samples' of {own.Length} at least");
            }

            worths[SequenceName.Of(rows.Select(row => row.Token).ToArray())] = [.. own.SelectMany(costs => costs)];
        }

        return new OracleCosts([.. measured.Select(tier => tiers[tier])], worths);

        static bool IsKnown(float[] costs) => costs.All(float.IsFinite);
    }

    /// <summary>Whether a text is known.</summary>
    /// <param name="sequence">Its <see cref="SequenceName"/>.</param>
    public bool Has(ulong sequence) => worths.ContainsKey(sequence);

    /// <summary>The oracle at a mean of effective bits.</summary>
    /// <exception cref="FormatException">The bits cannot be reached.</exception>
    public OraclePolicy Policy(string name, double targetBits)
    {
        try
        {
            return new OraclePolicy(name, this, curve.PriceOf(targetBits));
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"policy '{name}': {exception.Message}", exception);
        }
    }

    /// <summary>The tier of a token; the most bits where its costs were not measured.</summary>
    public KvTier Choose(ulong sequence, int position, double price)
    {
        ReadOnlySpan<float> own = worths[sequence].AsSpan(position * tiers.Count, tiers.Count);
        int best = tiers.Count - 1;
        for (int tier = best - 1; tier >= 0; tier--)
        {
            best = own[tier] - (price * bits[tier]) >= own[best] - (price * bits[best]) ? tier : best;
        }

        return tiers[best];
    }

    // Those whose costs the table has a column for, from few bits to many.
    private static KvTier[] Tiers(string path)
    {
        TableReader reader = TableReader.Open(path, TokenTable.Of(TokenTable.Item));
        List<KvTier> tiers = [];
        foreach (TableColumn column in reader.Metadata.Schema!.Columns)
        {
            if (TokenTable.TryParseCost(column.Name, out KvTier tier))
            {
                tiers.Add(tier);
            }
        }

        return [.. tiers.OrderBy(tier => tier.NominalBits)];
    }

    private static void ReadSegment(string path, KvTier[] tiers, Dictionary<string, List<(int Token, float[] Costs)>> texts)
    {
        TableColumn[] costColumns = [.. tiers.Select(TokenTable.Cost)];
        TableReader reader = TableReader.Open(path, TokenTable.Of([TokenTable.Item, TokenTable.Token, .. costColumns]));
        foreach (TableBatch batch in reader.Read([TokenTable.Item.Name, TokenTable.Token.Name, .. costColumns.Select(column => column.Name)]))
        {
            ReadOnlySpan<string> items = batch.Values<string>(TokenTable.Item.Name);
            ReadOnlySpan<int> tokens = batch.Values<int>(TokenTable.Token.Name);
            float[][] costs = [.. costColumns.Select(column => batch.Values<float>(column.Name).ToArray())];
            for (int row = 0; row < batch.Rows; row++)
            {
                if (!texts.TryGetValue(items[row], out List<(int Token, float[] Costs)>? rows))
                {
                    texts.Add(items[row], rows = []);
                }

                rows.Add((tokens[row], [.. costs.Select(column => column[row])]));
            }
        }
    }
}
