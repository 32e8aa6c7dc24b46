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
        const int draws = 20_000;
        float[] logits = Logits.Normal(21, 1.5);
        double[] expected = Expected(logits, temperature, topK, topP);
        var sampler = new Sampler(new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, Seed = 3 }, logits.Length);
        int[] counts = new int[logits.Length];
        for (int i = 0; i < draws; i++)
        {
            counts[sampler.Next(logits, out _)]++;
        }

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
