using System.Globalization;

namespace AdaptiveKv.Pipeline.Shards;

/// <summary>The numbers of shards as people and schedulers write them: "0,3-5,9".</summary>
public static class ShardList
{
    /// <summary>The text of some numbers.</summary>
    /// <param name="shards">Ascending.</param>
    public static string Text(IReadOnlyList<int> shards)
    {
        List<string> runs = [];
        for (int first = 0, last; first < shards.Count; first = last + 1)
        {
            for (last = first; last + 1 < shards.Count && shards[last + 1] == shards[last] + 1; last++)
            {
            }

            runs.Add(last == first ? Number(shards[first]) : $"{Number(shards[first])}-{Number(shards[last])}");
        }

        return string.Join(',', runs);
    }

    private static string Number(int shard) => shard.ToString(CultureInfo.InvariantCulture);
}
