using System.Numerics;
using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Evaluation.Perplexity;

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
