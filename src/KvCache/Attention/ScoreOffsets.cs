using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Attention;

/// <summary>
/// What the keys' means add to the scores of one KV head's queries. Codes leave the mean out; where it changes with the position, softmax would
/// see that, so each stretch of positions gets its own constant back.
/// </summary>
/// <param name="Values">[stretch / 32][Heads][32]; null where all keys share one mean.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="Last">Stretch of the queries' own position.</param>
/// <param name="Map">Tells which slots belong to a stretch.</param>
/// <param name="Stream">Stream that is attended to.</param>
internal readonly unsafe record struct ScoreOffsets(nint Values, int Heads, int Last, TokenMap? Map, int Stream)
{
    /// <summary>Whether there is anything to add.</summary>
    public bool IsEmpty => Values == 0;

    /// <summary>The first head's offset in a stretch; the other heads' follow 32 apart.</summary>
    public float* Of(int stretch) =>
        (float*)Values + (stretch / StreamBlock.Tokens * Heads * StreamBlock.Tokens) + (stretch % StreamBlock.Tokens);

    /// <summary>Fills the offsets of the stretches up to <see cref="Last"/>: scores of the means, as if they were keys.</summary>
    /// <param name="turns">How the mean turns.</param>
    /// <param name="folded">The queries, folded with the mean.</param>
    public void Fill(MeanTurns turns, in QueryBlock folded)
    {
        CodeLayout layout = new(folded.HeadDim, folded.GroupSize, 1, default);
        byte** rows = stackalloc byte*[StreamBlock.Tokens];
        for (int start = 0; start <= Last; start += StreamBlock.Tokens)
        {
            int count = Math.Min(StreamBlock.Tokens, Last + 1 - start);
            for (int i = 0; i < count; i++)
            {
                rows[i] = (byte*)(turns.Table + ((start + i) * folded.HeadDim));
            }

            FloatKeys<Float32Row>.Scores(rows, count, layout, folded, Of(start));
        }
    }

    /// <summary>The stretch of a slot of the stream.</summary>
    public int StretchOf(int slot)
    {
        int low = 0;
        int high = Last;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = Map!.Before(middle, Stream) <= slot ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>Adds the offsets to the scores of a block.</summary>
    /// <param name="scores">[Heads][32].</param>
    /// <param name="start">Slot of the block's first token.</param>
    /// <param name="tokens">Tokens in the block.</param>
    public void Add(float* scores, int start, int tokens)
    {
        int stretch = StretchOf(start);
        for (int done = 0; done < tokens; stretch++)
        {
            int end = stretch == Last ? tokens : Math.Min(Map!.Before(stretch + 1, Stream) - start, tokens);
            for (int head = 0; head < Heads; head++)
            {
                Add(scores + (head * StreamBlock.Tokens), Of(stretch)[head * StreamBlock.Tokens], done, end);
            }

            done = Math.Max(done, end);
        }
    }

    // Most blocks are full and lie in one stretch.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* row, float offset, int from, int to)
    {
        if (from == 0 && to == StreamBlock.Tokens)
        {
            for (int i = 0; i < StreamBlock.Tokens; i += Vector256<float>.Count)
            {
                (Vector256.Load(row + i) + Vector256.Create(offset)).Store(row + i);
            }

            return;
        }

        for (int i = from; i < to; i++)
        {
            row[i] += offset;
        }
    }
}
