namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Applies merge rules to the bytes of one piece, lowest rank first and leftmost among equals: a linked list of symbols and a
/// priority queue of neighbouring pairs, O(n log n). Holds scratch memory: one per thread of use.
/// </summary>
internal sealed class BytePairMerger(Vocabulary vocabulary, MergeTable merges)
{
    private const int NoRule = int.MaxValue;

    private readonly PriorityQueue<int, long> _queue = new();
    private int[] _tokens = [];
    private int[] _next = [];
    private int[] _previous = [];
    private int[] _ranks = [];

    /// <summary>Appends the piece's token ids. A byte the vocabulary lacks separates its neighbours and yields no token.</summary>
    public void Encode(ReadOnlySpan<byte> piece, List<int> destination)
    {
        Load(piece);
        while (_queue.TryDequeue(out int left, out long order))
        {
            // An entry whose pair has changed since it was queued is stale; the pair that replaced it has an entry of its own.
            if (_ranks[left] == (int)(order >> 32))
            {
                Join(left, piece.Length);
            }
        }

        for (int at = 0; at < piece.Length; at = _next[at])
        {
            if (_tokens[at] >= 0)
            {
                destination.Add(_tokens[at]);
            }
        }
    }

    private void Load(ReadOnlySpan<byte> piece)
    {
        if (_tokens.Length < piece.Length)
        {
            int capacity = Math.Max(64, piece.Length);
            (_tokens, _next, _previous, _ranks) = (new int[capacity], new int[capacity], new int[capacity], new int[capacity]);
        }

        _queue.Clear();
        for (int at = 0; at < piece.Length; at++)
        {
            _tokens[at] = vocabulary.OfByte(piece[at]);
            _next[at] = at + 1;
            _previous[at] = at - 1;
        }

        for (int at = 0; at < piece.Length; at++)
        {
            Queue(at, piece.Length);
        }
    }

    private void Join(int left, int length)
    {
        int right = _next[left];
        merges.TryGet(_tokens[left], _tokens[right], out MergeTable.Merge merge);
        _tokens[left] = merge.Token;
        _ranks[right] = NoRule;
        _next[left] = _next[right];
        if (_next[left] < length)
        {
            _previous[_next[left]] = left;
        }

        Queue(left, length);
        if (_previous[left] >= 0)
        {
            Queue(_previous[left], length);
        }
    }

    private void Queue(int left, int length)
    {
        int right = _next[left];
        _ranks[left] = NoRule;
        if (right < length && merges.TryGet(_tokens[left], _tokens[right], out MergeTable.Merge merge))
        {
            _ranks[left] = merge.Rank;
            _queue.Enqueue(left, ((long)merge.Rank << 32) | (uint)left);
        }
    }
}
