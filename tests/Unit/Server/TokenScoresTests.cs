using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Server.Scheduling;

namespace AdaptiveKv.Unit.Server;

/// <summary>Log-probabilities as they are told, against sorting all of them.</summary>
public sealed class TokenScoresTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(20)]
    public void TheLikeliestAreThoseOfASort(int count)
    {
        Random random = new(count);
        float[] logits = [.. Enumerable.Range(0, 700).Select(_ => (float)(random.Next(60) / 4.0))];
        double sum = Math.Log(logits.Sum(logit => Math.Exp(logit)));

        ScoredToken score = TokenScores.Of(5, logits, NextTokenStatistics.Of(logits), count);

        Assert.Equal(logits[5] - sum, score.LogProbability!.Value, 1e-5);
        Assert.Equal(logits.Index().OrderByDescending(one => one.Item).ThenBy(one => one.Index).Take(count).Select(one => one.Index), score.Likeliest.Select(one => one.Id));
        Assert.All(score.Likeliest, one => Assert.Equal(logits[one.Id] - sum, one.LogProbability, 1e-5));
    }

    [Fact]
    public void ATokenThatCannotComeHasANumberThatJsonCanWrite()
    {
        float[] logits = [1, float.NegativeInfinity, 0];

        Assert.Equal(-9999, TokenScores.Of(1, logits, NextTokenStatistics.Of(logits), 0).LogProbability);
    }
}
