namespace AdaptiveKv.KvCache;

/// <summary>How the range of a group's codes is chosen.</summary>
public enum RangeSearch
{
    /// <summary>From the smallest to the largest element, by that of the two nearest scales that has the least squared error.</summary>
    MinMax,

    /// <summary>The shrunk range with the least squared error, refined by least squares on its own codes.</summary>
    Clip,
}
