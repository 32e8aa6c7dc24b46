using System.Numerics;
using System.Numerics.Tensors;
using AdaptiveKv.Evaluation.Statistics;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>Sums of one policy's run over a text.</summary>
/// <param name="policy">Name of the policy.</param>
internal sealed class PolicyTally(string policy)
{
    private readonly SampleMean losses = new();
    private readonly SampleMean lossDifferences = new();
    private readonly SampleMean divergences = new();
    private readonly PositionTally positions = new();
    private readonly List<double> msPerToken = [];
    private readonly TierHistogram tiers = new();
    private int agreements;
    private double cachedTokens;
    private double bytes;
    private double bits;

    public int Tokens => losses.Count;

    public void AddLoss(double loss) => losses.Add(loss);

    /// <summary>Compares one position with the reference's.</summary>
    /// <param name="math">Of this vocabulary.</param>
    /// <param name="reference">The reference's chunk.</param>
    /// <param name="position">Position in the window.</param>
    /// <param name="index">Position in the chunk.</param>
    /// <param name="logits">The policy's.</param>
    /// <param name="logSum">Their log sum of exponentials.</param>
    /// <param name="loss">Negative log-likelihood of the token that followed.</param>
    /// <exception cref="InvalidDataException">The divergence is not a number.</exception>
    public void AddComparison(LogitMath math, ReferenceChunk reference, int position, int index, ReadOnlySpan<float> logits, double logSum, double loss)
    {
        double divergence = math.Divergence(reference.Logits(index), reference.LogSum(index), logits, logSum);
        divergences.Add(double.IsFinite(divergence) ? divergence : throw new InvalidDataException($"policy {policy}: a logit is infinite: the model's weights are damaged or overflow"));
        positions.Add(position, divergence);
        lossDifferences.Add(loss - reference.Loss(index));
        agreements += TensorPrimitives.IndexOfMax(logits) == reference.Top(index) ? 1 : 0;
    }

    public void AddTime(double milliseconds, int tokens) => msPerToken.Add(milliseconds / tokens);

    /// <summary>Takes the cache's costs at the end of a window.</summary>
    public void AddCache(CacheStatistics cache)
    {
        cachedTokens += cache.Tokens;
        bytes += cache.Bytes;
        bits += cache.EffectiveBits * cache.Tokens;
        foreach (TierStatistics tier in cache.Tiers)
        {
            tiers.Add(tier.Tier, tier.Tokens);
        }
    }

    public PerplexitySummary Summary() => new(
        policy,
        losses.Count,
        losses.Mean,
        losses.StandardError,
        Math.Exp(losses.Mean),
        divergences.Count == 0 ? null : new Divergence(
            divergences.Mean,
            divergences.StandardError,
            new Proportion(agreements, divergences.Count),
            lossDifferences.Mean,
            lossDifferences.StandardError,
            positions.Divergences()),
        bits / cachedTokens,
        tiers.NominalBits,
        bytes / cachedTokens,
        Quantile.Median([.. msPerToken]),
        Quantile.P95([.. msPerToken]),
        tiers.ByName());
}

/// <summary>Means over ranges of positions that double in length: 0 to 63, 64 to 127, 128 to 255, and so on.</summary>
internal sealed class PositionTally
{
    private const int FirstLength = 64;

    private readonly List<SampleMean> ranges = [];

    public void Add(int position, double divergence)
    {
        int range = BitOperations.Log2((uint)position / FirstLength) + (position < FirstLength ? 0 : 1);
        while (ranges.Count <= range)
        {
            ranges.Add(new SampleMean());
        }

        ranges[range].Add(divergence);
    }

    /// <summary>The ranges that hold something.</summary>
    public IReadOnlyList<PositionDivergence> Divergences() =>
    [
        .. from range in ranges.Index()
           where range.Item.Count > 0
           let end = FirstLength << range.Index
           select new PositionDivergence(range.Index == 0 ? 0 : end / 2, end, range.Item.Count, range.Item.Mean, range.Item.StandardError),
    ];
}
