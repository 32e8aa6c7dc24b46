namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Applies merge rules to the bytes of one piece, lowest rank first and leftmost among equals: a linked list of symbols and a
/// priority queue of neighbouring pairs, O(n log n). Holds scratch memory: one per thread of use.
/// </summary>
internal sealed class BytePairMerger(Vocabulary vocabulary, MergeTable merges, TokenizerDetails details)
{
    private const int NoRule = int.MaxValue;

    private readonly PriorityQueue<int, long> queue = new();
    private int[] tokens = [];
    private int[] next = [];
    private int[] previous = [];
    private int[] ranks = [];

    /// <summary>
    /// Appends the piece's token ids. A byte the vocabulary lacks becomes the unknown token, one for each or one for a run of them; without an
    /// unknown token it is left out, and its neighbours merge as if it were not there (huggingface/tokenizers, bpe/model.rs, merge_word).
    /// </summary>
    public void Encode(ReadOnlySpan<byte> piece, List<int> destination)
    {
        int length = Load(piece);
        while (queue.TryDequeue(out int left, out long order))
        {
            // An entry whose pair has changed since it was queued is stale; the pair that replaced it has an entry of its own.
            if (ranks[left] == (int)(order >> 32))
            {
                Join(left, length);
            }
        }

        for (int at = 0; at < length; at = next[at])
        {
            destination.Add(tokens[at]);
        }
    }

    /// <summary>Number of symbols to begin with.</summary>
    private int Load(ReadOnlySpan<byte> piece)
    {
        if (tokens.Length < piece.Length)
        {
            int capacity = Math.Max(64, piece.Length);
            (tokens, next, previous, ranks) = (new int[capacity], new int[capacity], new int[capacity], new int[capacity]);
        }

        queue.Clear();
        int length = 0;
        bool unknown = false;
        foreach (byte value in piece)
        {
            int token = vocabulary.OfByte(value);
            bool fused = token < 0 && unknown && details.FusesUnknown;
            unknown = token < 0;
            token = unknown ? details.Unknown : token;
            if (token >= 0 && !fused)
            {
                tokens[length] = token;
                next[length] = length + 1;
                previous[length] = length - 1;
                length++;
            }
        }

        for (int at = 0; at < length; at++)
        {
            Queue(at, length);
        }

        return length;
    }

    private void Join(int left, int length)
    {
        int right = next[left];
        merges.TryGet(tokens[left], tokens[right], out MergeTable.Merge merge);
        tokens[left] = merge.Token;
        ranks[right] = NoRule;
        next[left] = next[right];
        if (next[left] < length)
        {
            previous[next[left]] = left;
        }

        Queue(left, length);
        if (previous[left] >= 0)
        {
            Queue(previous[left], length);
        }
    }

    private void Queue(int left, int length)
    {
        int right = next[left];
        ranks[left] = NoRule;
        if (right < length && merges.TryGet(tokens[left], tokens[right], out MergeTable.Merge merge))
        {
            ranks[left] = merge.Rank;
            queue.Enqueue(left, ((long)merge.Rank << 32) | (uint)left);
        }
    }
}
