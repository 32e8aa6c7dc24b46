using AdaptiveKv.Policies.Control;
using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Unit.Policies.Control;
using AdaptiveKv.Unit.Training.Fitting;

namespace AdaptiveKv.Unit.Training.Assessment;

public sealed class MatchedBitsTests
{
    private static readonly double[] Bits = [2.5, 4.5, 8.5, 16];

    private static readonly RowSet Set = Graded();

    [Fact]
    public void Who_knows_the_losses_closes_the_gap()
    {
        MatchedBits matched = Of([.. Set.Losses.Select(loss => -loss)]);

        Assert.Equal(1, matched.GapClosed, 1e-9);
        Assert.Equal(matched.Oracle, matched.Loss);
        Assert.Equal(Set.Labels.Average(label => Bits[label]), matched.Bits, 0.03 * matched.Bits);
    }

    [Fact]
    public void Who_knows_nothing_does_as_chance()
    {
        MatchedBits matched = Of(Sample.Numbers(Set.Losses.Length, 77, 1f));

        Assert.InRange(matched.GapClosed, -0.1, 0.1);
        Assert.True(matched.Oracle < matched.Random);
    }

    private static MatchedBits Of(float[] logits) => MatchedBits.Of(Set, 2, logits, BudgetCurve.Of(logits, Bits), Bits);

    // Losses that differ from row to row, so that every price is somebody's.
    private static RowSet Graded()
    {
        RowSet rows = SampleRows.Of(4000);
        float[] size = Sample.Numbers(4000, 78, 0.5f);
        return rows with { Losses = [.. Enumerable.Range(0, 16_000).Select(i => (1 + size[i / 4]) * MathF.Exp(-(i % 4)) * (1 + rows.Labels[i / 4]))] };
    }
}
