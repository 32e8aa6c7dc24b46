using AdaptiveKv.Files;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training.Assessment;

/// <summary>
/// Draws as many items as there are, with replacement, again and again: how far a figure would lie from itself on other items. The tokens of an item are alike, so that
/// rows drawn one by one would promise more than they hold.
/// </summary>
/// <param name="set">The rows.</param>
/// <param name="seed">Of the draws: the same for figures that are compared.</param>
internal sealed class ItemResamples(RowSet set, ulong seed)
{
    /// <summary>Number of resamples.</summary>
    public const int Count = 1000;

    private readonly int[][] items = set.Items.Length == 0
        ? [.. Enumerable.Range(0, set.Rows).Select(row => new[] { row })]
        : [.. set.Items.Index().GroupBy(row => row.Item, row => row.Index).Select(rows => rows.ToArray())];

    /// <summary>Items that are drawn from.</summary>
    public int Items => items.Length;

    /// <summary>A figure of each resample.</summary>
    /// <param name="figure">Of the rows at these places, some of them several times.</param>
    public T[] Of<T>(Func<int[], T> figure) => [.. Enumerable.Range(0, Count).Select(resample => figure(Draw((ulong)resample)))];

    /// <summary>What choices lose in each resample, at the bits that its labels take.</summary>
    /// <inheritdoc cref="MatchedBits.Of"/>
    public MatchedBits[] Matched(double scale, float[] logits, IReadOnlyList<double> bits) => Of(rows =>
    {
        float[] drawn = Pick(logits, rows);
        RowSet there = new([], [.. rows.Select(row => set.Labels[row])], Pick(set.Losses, rows));
        return MatchedBits.Of(there, scale, drawn, BudgetCurve.Of(drawn, bits), bits);
    });

    private float[] Pick(float[] numbers, int[] rows)
    {
        float[] picked = new float[rows.Length * set.Tiers];
        foreach ((int place, int row) in rows.Index())
        {
            numbers.AsSpan(row * set.Tiers, set.Tiers).CopyTo(picked.AsSpan(place * set.Tiers));
        }

        return picked;
    }

    private int[] Draw(ulong resample)
    {
        CounterRandom random = new(seed);
        return [.. Enumerable.Range(0, items.Length).SelectMany(draw => items[(int)Math.BigMul(random.Bits((ulong)draw, resample), (ulong)items.Length, out _)])];
    }
}
