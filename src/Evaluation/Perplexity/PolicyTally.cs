using System.Numerics.Tensors;
using AdaptiveKv.Evaluation.Statistics;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>Sums of one policy's run over a text.</summary>
/// <param name="policy">Name of the policy.</param>
internal sealed class PolicyTally(string policy)
{
    private readonly SampleMean _loss = new();
    private readonly SampleMean _lossDifference = new();
    private readonly SampleMean _divergence = new();
    private readonly List<double> _msPerToken = [];
    private readonly TierHistogram _tiers = new();
    private int _agreements;
    private double _cachedTokens;
    private double _bytes;
    private double _bits;

    public int Tokens => _loss.Count;

    public void AddLoss(double loss) => _loss.Add(loss);

    /// <summary>Compares one position with the reference's.</summary>
    /// <exception cref="InvalidDataException">The divergence is not a number.</exception>
    public void AddComparison(LogitMath math, ReferenceChunk reference, int index, ReadOnlySpan<float> logits, double logSum, double loss)
    {
        double divergence = math.Divergence(reference.Logits(index), reference.LogSum(index), logits, logSum);
        _divergence.Add(double.IsFinite(divergence) ? divergence : throw new InvalidDataException($"policy {policy}: a logit is infinite: the model's weights are damaged or overflow"));
        _lossDifference.Add(loss - reference.Loss(index));
        _agreements += TensorPrimitives.IndexOfMax(logits) == reference.Top(index) ? 1 : 0;
    }

    public void AddTime(double milliseconds, int tokens) => _msPerToken.Add(milliseconds / tokens);

    /// <summary>Takes the cache's costs at the end of a window.</summary>
    public void AddCache(CacheStatistics cache)
    {
        _cachedTokens += cache.Tokens;
        _bytes += cache.Bytes;
        _bits += cache.EffectiveBits * cache.Tokens;
        foreach (TierStatistics tier in cache.Tiers)
        {
            _tiers.Add(tier.Tier, tier.Tokens);
        }
    }

    public PerplexitySummary Summary() => new(
        policy,
        _loss.Count,
        _loss.Mean,
        _loss.StandardError,
        Math.Exp(_loss.Mean),
        _divergence.Count == 0 ? null : new Divergence(
            _divergence.Mean, _divergence.StandardError, new Proportion(_agreements, _divergence.Count), _lossDifference.Mean, _lossDifference.StandardError),
        _bits / _cachedTokens,
        _tiers.NominalBits,
        _bytes / _cachedTokens,
        Quantile.Median([.. _msPerToken]),
        Quantile.P95([.. _msPerToken]),
        _tiers.ByName());
}
