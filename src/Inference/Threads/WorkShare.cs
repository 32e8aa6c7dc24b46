namespace AdaptiveKv.Inference.Threads;

/// <summary>The items that fall to one member of a team: contiguous, for foreach without an allocation; none where members outnumber items.</summary>
internal readonly record struct WorkShare
{
    /// <summary>Items <paramref name="from"/> to before <paramref name="to"/>.</summary>
    public WorkShare(int from, int to) => (From, To) = (from, to);

    /// <summary>First item.</summary>
    public int From { get; }

    /// <summary>Past the last item.</summary>
    public int To { get; }

    /// <summary>Number of items.</summary>
    public int Count => To - From;

    /// <summary>The share of one member: even shares, in order, of <paramref name="count"/> items.</summary>
    public static WorkShare Of(int count, int member, int members) =>
        new((int)((long)count * member / members), (int)((long)count * (member + 1) / members));

    /// <summary>The same share in what items are made of: each of <paramref name="size"/>, the last perhaps fewer, <paramref name="whole"/> of them in all.</summary>
    public WorkShare Times(int size, int whole) => new(Math.Min(From * size, whole), Math.Min(To * size, whole));

    /// <summary>The items in order.</summary>
    public Enumerator GetEnumerator() => new(From, To);

    /// <summary>Walks through a share.</summary>
    public struct Enumerator(int from, int to)
    {
        /// <summary>The item.</summary>
        public int Current { get; private set; } = from - 1;

        /// <summary>Next item.</summary>
        public bool MoveNext() => ++Current < to;
    }
}
