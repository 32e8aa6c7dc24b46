namespace AdaptiveKv.Inference.Decoding;

/// <summary>Rows <paramref name="from"/> to <paramref name="to"/> for foreach, without an allocation.</summary>
internal struct RowRange(int from, int to)
{
    /// <summary>The row.</summary>
    public int Current { get; private set; } = from - 1;

    /// <summary>Itself.</summary>
    public readonly RowRange GetEnumerator() => this;

    /// <summary>Next row.</summary>
    public bool MoveNext() => ++Current < to;
}
