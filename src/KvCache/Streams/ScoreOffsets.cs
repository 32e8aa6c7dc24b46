using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AdaptiveKv.KvCache.Formats;

namespace AdaptiveKv.KvCache.Streams;

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
    /// <param name="scores">[Heads][32]; what it adds behind the last token has no meaning.</param>
    /// <param name="start">Slot of the block's first token.</param>
    /// <param name="tokens">Tokens in the block.</param>
    /// <param name="stretch">A stretch not behind the block's first; becomes that. Blocks that follow one another thus need no search.</param>
    public void Add(float* scores, int start, int tokens, ref int stretch)
    {
        while (stretch < Last && Map!.Before(stretch + 1, Stream) <= start)
        {
            stretch++;
        }

        for (int head = 0; head < Heads; head++)
        {
            if (Vector256.IsHardwareAccelerated)
            {
                AddRow(scores + (head * StreamBlock.Tokens), start, tokens, stretch, head * StreamBlock.Tokens);
            }
            else
            {
                AddRuns(scores + (head * StreamBlock.Tokens), start, tokens, stretch, head * StreamBlock.Tokens);
            }
        }
    }

    // A block of a stream that holds a quarter of the tokens lies in five stretches: each later one overwrites the lanes from its start on.
    private void AddRow(float* row, int start, int tokens, int stretch, int head)
    {
        Vector256<int> lanes = Vector256<int>.Indices;
        Vector256<float> offset0 = Vector256.Create(Of(stretch)[head]);
        Vector256<float> offset1 = offset0, offset2 = offset0, offset3 = offset0;
        for (int next = stretch + 1; next <= Last; next++)
        {
            int first = Map!.Before(next, Stream) - start;
            if (first >= tokens)
            {
                break;
            }

            Vector256<float> offset = Vector256.Create(Of(next)[head]);
            Vector256<int> before = Vector256.Create(first);
            offset0 = From(lanes, before, offset, offset0);
            offset1 = From(lanes + Vector256.Create(8), before, offset, offset1);
            offset2 = From(lanes + Vector256.Create(16), before, offset, offset2);
            offset3 = From(lanes + Vector256.Create(24), before, offset, offset3);
        }

        (Vector256.Load(row) + offset0).Store(row);
        (Vector256.Load(row + 8) + offset1).Store(row + 8);
        (Vector256.Load(row + 16) + offset2).Store(row + 16);
        (Vector256.Load(row + 24) + offset3).Store(row + 24);
    }

    // Stretch by stretch, for processors without 256-bit vectors.
    private void AddRuns(float* row, int start, int tokens, int stretch, int head)
    {
        for (int done = 0; done < tokens; stretch++)
        {
            int end = stretch < Last ? Math.Clamp(Map!.Before(stretch + 1, Stream) - start, done, tokens) : tokens;
            Span<float> run = new(row + done, end - done);
            TensorPrimitives.Add(run, Of(stretch)[head], run);
            done = end;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> From(Vector256<int> lanes, Vector256<int> first, Vector256<float> offset, Vector256<float> otherwise) =>
        Vector256.ConditionalSelect(Vector256.LessThan(lanes, first).AsSingle(), otherwise, offset);
}
