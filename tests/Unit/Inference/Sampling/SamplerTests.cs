using AdaptiveKv.Inference.Sampling;

namespace AdaptiveKv.Unit.Inference.Sampling;

[Trait("Category", "Kernels")]
public sealed class SamplerTests
{
    public static TheoryData<double, int, double> Settings() => new()
    {
        { 0, 0, 1 }, { 0, 5, 0.5 }, { 1, 0, 1 }, { 0.7, 0, 1 }, { 3, 0, 1 },
        { 1, 4, 1 }, { 0.7, 4, 1 }, { 1, 0, 0.8 }, { 1.5, 0, 0.8 }, { 0.8, 6, 0.9 }, { 1, 1, 1 },
        { 1e-300, 0, 1 }, { 1e-300, 5, 1 }, { 1e300, 0, 1 }, { 1e300, 3, 1 },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void Tokens_come_as_often_as_they_should(double temperature, int topK, double topP)
    {
        float[] logits = Logits.Normal(21, 1.5);
        CheckCounts(new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, Seed = 3 }, logits, Expected(logits, temperature, topK, topP));
    }

    [Theory]
    [InlineData(1, 0, 1, 0.1)]
    [InlineData(0.7, 0, 1, 0.1)]
    [InlineData(2, 0, 1, 0.05)]
    [InlineData(1, 4, 1, 0.2)]
    [InlineData(1, 0, 0.8, 0.3)]
    [InlineData(1, 6, 0.9, 0.3)]
    [InlineData(1, 0, 1, 1)]
    [InlineData(1, 0, 1, 1e-60)]
    public void Min_p_keeps_those_near_the_likeliest(double temperature, int topK, double topP, double minP)
    {
        float[] logits = Logits.Normal(21, 1.5);
        double[] expected = [.. Expected(logits, temperature, topK, topP).Select((share, token) => Math.Exp(logits[token] - logits.Max()) >= minP ? share : 0)];

        CheckCounts(new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, Seed = 3 }, logits, [.. expected.Select(share => share / expected.Sum())]);
    }

    [Theory]
    [InlineData(1.3, 1, 0, 1)]
    [InlineData(0.5, 1, 0, 1)]
    [InlineData(2, 0.7, 4, 1)]
    public void What_came_lately_is_less_likely(double penalty, double temperature, int topK, double topP)
    {
        float[] logits = Logits.Normal(21, 1.5);
        int[] lately = [3, 5, 3, 20, 0];
        float[] changed = [.. logits.Select((logit, token) => !lately.Contains(token) ? logit : (float)(logit > 0 ? logit / penalty : logit * penalty))];
        double[] expected = Expected(changed, temperature, topK, topP);
        int[] counts = new int[logits.Length];
        for (int draw = 0; draw < 20_000; draw++)
        {
            Sampler sampler = new(new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, RepetitionPenalty = penalty, Seed = (ulong)draw }, logits.Length);
            sampler.Hear(lately);
            counts[sampler.Next(logits, out NextTokenStatistics statistics)]++;
            Assert.Equal(NextTokenStatistics.Of(logits), statistics);
        }

        CheckCounts(counts, expected);
    }

    [Fact]
    public void A_penalty_reaches_as_far_back_as_its_window()
    {
        float[] logits = [.. Enumerable.Range(0, 200).Select(token => 2f - (token * 0.001f))];
        Sampler sampler = new(new SamplingOptions { RepetitionPenalty = 2 }, logits.Length);
        sampler.Hear([.. Enumerable.Repeat(199, 100), 0]);

        // Each token is chosen once until the one before the window's is out of it.
        Assert.Equal(
            [.. Enumerable.Range(1, SamplingOptions.RepetitionWindow), 0, 1],
            Enumerable.Range(0, SamplingOptions.RepetitionWindow + 2).Select(_ => sampler.Next(logits, out NextTokenStatistics _)));
    }

    [Fact]
    public void Penalty_and_min_p_allocate_nothing_per_token()
    {
        float[] logits = Logits.Normal(3000, 3);
        Sampler sampler = new(new SamplingOptions { Temperature = 1, MinP = 0.1, RepetitionPenalty = 1.1 }, logits.Length);
        sampler.Next(logits, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            sampler.Next(logits, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void CheckCounts(SamplingOptions options, float[] logits, double[] expected)
    {
        const int draws = 20_000;
        var sampler = new Sampler(options, logits.Length);
        int[] counts = new int[logits.Length];
        for (int i = 0; i < draws; i++)
        {
            counts[sampler.Next(logits, out _)]++;
        }

        CheckCounts(counts, expected);
    }

    private static void CheckCounts(int[] counts, double[] expected)
    {
        int draws = counts.Sum();
        Assert.All(counts, (count, token) =>
        {
            double mean = expected[token] * draws, deviation = Math.Sqrt(mean * (1 - expected[token]));
            Assert.InRange(count, mean - (4.5 * deviation) - 1e-6, mean + (4.5 * deviation) + 1e-6);
        });
    }

    [Fact]
    public void Large_vocabularies_are_drawn_from_evenly()
    {
        var sampler = new Sampler(new SamplingOptions { Temperature = 1, Seed = 5 }, 5000);
        float[] logits = new float[5000];
        double mean = Enumerable.Range(0, 20_000).Average(_ => sampler.Next(logits, out NextTokenStatistics _));

        // The mean of 20,000 of 0..4999 deviates by 10.2.
        Assert.InRange(mean, 2499.5 - 46, 2499.5 + 46);
    }

    [Fact]
    public void The_same_seed_gives_the_same_tokens_and_another_seed_others()
    {
        int[] first = Draw(1), again = Draw(1), other = Draw(2);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        static int[] Draw(ulong seed)
        {
            var sampler = new Sampler(new SamplingOptions { Temperature = 1, TopK = 50, Seed = seed }, 500);
            float[] logits = Logits.Normal(500, 2);
            return [.. Enumerable.Range(0, 100).Select(_ => sampler.Next(logits, out NextTokenStatistics _))];
        }
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void A_ruled_out_token_is_never_drawn_and_the_statistics_are_the_models_own(double temperature, int topK, double topP)
    {
        float[] logits = [.. Enumerable.Repeat(float.NegativeInfinity, 100)];
        (logits[17], logits[63]) = (2, 2);
        var sampler = new Sampler(new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP }, logits.Length);
        for (int i = 0; i < 200; i++)
        {
            Assert.Contains(sampler.Next(logits, out NextTokenStatistics statistics), (int[])[17, 63]);
            Assert.Equal(NextTokenStatistics.Of(logits), statistics);
        }
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void Allocates_nothing_per_token(double temperature, int topK, double topP)
    {
        float[] logits = Logits.Normal(3000, 3);
        var sampler = new Sampler(new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP }, logits.Length);
        sampler.Next(logits, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            sampler.Next(logits, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_row_of_another_length_is_refused()
    {
        var sampler = new Sampler(new SamplingOptions(), 10);
        ArgumentException error = Assert.Throws<ArgumentException>(() => sampler.Next(new float[9], out _));
        Assert.Contains("9 logits; the vocabulary has 10 tokens", error.Message);
    }

    private static double[] Expected(float[] logits, double temperature, int topK, double topP)
    {
        double[] probabilities = Logits.Probabilities(logits);
        int[] kept = [.. Enumerable.Range(0, logits.Length).OrderByDescending(token => logits[token])];
        kept = temperature == 0 ? kept[..1] : topK > 0 ? kept[..topK] : kept;
        double mass = kept.Sum(token => probabilities[token]), sum = 0;
        kept = topP == 1 ? kept : kept[..(1 + kept.TakeWhile(token => (sum += probabilities[token]) < topP * mass).Count())];

        float best = logits.Max();
        double[] weights = new double[logits.Length];
        foreach (int token in kept)
        {
            weights[token] = temperature == 0 ? 1 : Math.Exp((logits[token] - best) / temperature);
        }

        return [.. weights.Select(weight => weight / weights.Sum())];
    }
}
