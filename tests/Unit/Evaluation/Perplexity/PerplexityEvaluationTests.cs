using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Evaluation.Perplexity;

/// <summary>Against sums written out here, over sessions that predict by a rule.</summary>
public sealed class PerplexityEvaluationTests : IDisposable
{
    private const int Vocabulary = 11;

    private static readonly int[] Text = [.. Enumerable.Range(0, 400).Select(place => place * 7 % Vocabulary)];

    private readonly FakeSession sixteen = new(Vocabulary, KvTier.Of(BitWidth.Sixteen), 0);
    private readonly FakeSession four = new(Vocabulary, KvTier.Of(BitWidth.Four), 0.3f);

    public void Dispose()
    {
        sixteen.Dispose();
        four.Dispose();
    }

    [Theory]
    [InlineData(150, 150)]
    [InlineData(150, 40)]
    [InlineData(1, 1)]
    [InlineData(65, 65)]
    [InlineData(399, 399)]
    public void Figures_are_those_of_plain_sums(int length, int stride)
    {
        IReadOnlyList<TextWindow> windows = TextWindow.Cut(Text.Length, length, stride);

        PerplexityResult result = Run(windows, "static-16");

        var losses = new List<(double Reference, double Policy)>();
        var divergences = new List<double>();
        int agreements = 0;
        foreach (TextWindow window in windows)
        {
            for (int place = window.Context; place < window.Length; place++)
            {
                double[] p = LogProbabilities(window, place, 0);
                double[] q = LogProbabilities(window, place, 0.3f);
                int next = Text[window.Start + place + 1];
                losses.Add((-p[next], -q[next]));
                divergences.Add(p.Zip(q, (a, b) => Math.Exp(a) * (a - b)).Sum());
                agreements += Array.IndexOf(p, p.Max()) == Array.IndexOf(q, q.Max()) ? 1 : 0;
            }
        }

        (PerplexitySummary reference, PerplexitySummary policy) = (result.Policies[0], result.Policies[1]);
        Assert.Equal(losses.Count, result.TokensScored);
        Assert.Equal(windows.Count, result.WindowsDone);
        Assert.Equal(losses.Average(loss => loss.Reference), reference.Nll, 6);
        Assert.Equal(losses.Average(loss => loss.Policy), policy.Nll, 6);
        Assert.Equal(Math.Exp(policy.Nll), policy.Perplexity, 12);
        Assert.Equal(StandardError([.. losses.Select(loss => loss.Policy)]), policy.NllStandardError!.Value, 6);
        Assert.Null(reference.Divergence);
        Assert.Equal(divergences.Average(), policy.Divergence!.Kl, 6);
        Assert.Equal(StandardError(divergences), policy.Divergence.KlStandardError!.Value, 6);
        Assert.Equal((agreements, losses.Count), (policy.Divergence.TopAgreement.Successes, policy.Divergence.TopAgreement.Count));
        Assert.Equal(losses.Average(loss => loss.Policy - loss.Reference), policy.Divergence.NllDifference, 6);
    }

    [Fact]
    public void Policies_read_in_step_and_context_without_logits()
    {
        Run([new TextWindow(0, 100, 0), new TextWindow(50, 100, 70)], "static-16");

        string[] expected = ["reset", "read 64", "read 36", "reset", "read 64 silently", "read 6 silently", "read 30"];
        Assert.Equal(expected, sixteen.Calls);
        Assert.Equal(expected, four.Calls);
    }

    [Fact]
    public void The_reference_is_read_first_and_leads_the_table()
    {
        var evaluation = new PerplexityEvaluation([("static-4", four), ("static-16", sixteen)], "static-16", Vocabulary, TimeProvider.System);

        PerplexityResult result = evaluation.Run(Text, TextWindow.Cut(100, 50, 50), null, CancellationToken.None);

        Assert.Equal(["static-16", "static-4"], result.Policies.Select(policy => policy.Policy));
        Assert.NotNull(result.Policies[1].Divergence);
    }

    [Fact]
    public void Without_a_reference_nothing_is_compared() => Assert.All(Run(TextWindow.Cut(100, 50, 50), null).Policies, policy => Assert.Null(policy.Divergence));

    [Fact]
    public void A_reference_that_does_not_take_part_is_refused() =>
        Assert.Throws<ArgumentException>(() => new PerplexityEvaluation([("static-4", four)], "static-16", Vocabulary, TimeProvider.System));

    /// <summary>Windows of 100 and 50 tokens: (8 x 150 + 2 x 16) bytes over 150 tokens of 16 elements.</summary>
    [Fact]
    public void Costs_are_those_of_the_caches_at_the_windows_ends()
    {
        PerplexitySummary policy = Run([new TextWindow(0, 100, 0), new TextWindow(100, 50, 0)], null).Policies[1];

        Assert.Equal(1232 / 150.0, policy.KvBytesPerToken, 12);
        Assert.Equal(1232 * 8 / (150.0 * 16), policy.EffectiveBits, 12);
        Assert.Equal(4, policy.NominalBits);
        Assert.Equal([new("4", 150)], policy.Tiers);
    }

    [Fact]
    public void A_cancelled_run_ends_after_a_chunk_that_all_policies_read()
    {
        using var source = new CancellationTokenSource();
        var reported = new List<long>();
        var progress = new Reports(value =>
        {
            reported.Add(value);
            if (value > 100)
            {
                source.Cancel();
            }
        });

        var evaluation = new PerplexityEvaluation([("static-16", sixteen), ("static-4", four)], "static-16", Vocabulary, TimeProvider.System);
        PerplexityResult result = evaluation.Run(Text, TextWindow.Cut(400, 100, 100), progress, source.Token);

        Assert.Equal([64, 100, 164], reported);
        Assert.Equal((164, 1), (result.TokensScored, result.WindowsDone));
        Assert.All(result.Policies, policy => Assert.Equal(164, policy.Tokens));
    }

    [Fact]
    public void A_run_cancelled_at_once_has_no_rows()
    {
        var evaluation = new PerplexityEvaluation([("static-16", sixteen)], null, Vocabulary, TimeProvider.System);

        Assert.Empty(evaluation.Run(Text, TextWindow.Cut(100, 50, 50), null, new CancellationToken(canceled: true)).Policies);
    }

    [Fact]
    public void Logits_that_are_no_numbers_are_an_error()
    {
        var evaluation = new PerplexityEvaluation([("static-2", new FakeSession(Vocabulary, KvTier.Of(BitWidth.Two), float.NaN))], null, Vocabulary, TimeProvider.System);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => evaluation.Run(Text, TextWindow.Cut(100, 50, 50), null, CancellationToken.None));
        Assert.StartsWith("policy static-2: the logits after position 0 are not finite", error.Message);
    }

    private static double[] LogProbabilities(TextWindow window, int place, float error)
    {
        float[] logits = FakeSession.Logits(Vocabulary, Text[window.Start + place], place, error);
        double sum = Math.Log(logits.Sum(logit => Math.Exp(logit)));
        return [.. logits.Select(logit => logit - sum)];
    }

    private static double StandardError(List<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1) / values.Count);
    }

    private PerplexityResult Run(IReadOnlyList<TextWindow> windows, string? reference) =>
        new PerplexityEvaluation([("static-16", sixteen), ("static-4", four)], reference, Vocabulary, TimeProvider.System)
            .Run(Text, windows, null, CancellationToken.None);

    private sealed class Reports(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
