using AdaptiveKv.Inference.Threads;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>
/// Shares out the pieces of all sequences' pasts, head after head in one line, by the blocks they hold: a thread takes whole heads and at most two partial
/// ones. Which thread sums a piece does not change its bits.
/// </summary>
/// <param name="kvHeads">KV heads of the model.</param>
/// <param name="members">Threads.</param>
internal sealed class PieceShares(int kvHeads, int members)
{
    private readonly int[] bounds = new int[members + 1];

    /// <summary>Shares out the pieces of sequences whose pasts are cut.</summary>
    public void Cut(ReadOnlySpan<StepSequence> sequences)
    {
        long total = 0;
        foreach (StepSequence sequence in sequences)
        {
            for (int piece = 0; piece < sequence.Parts.Pieces; piece++)
            {
                total += kvHeads * Cost(sequence, piece);
            }
        }

        long before = 0;
        int index = 0;
        int member = 1;
        foreach (StepSequence sequence in sequences)
        {
            for (int part = 0; part < kvHeads * sequence.Parts.Pieces; part++, index++)
            {
                for (; before * members >= total * member; member++)
                {
                    bounds[member] = index;
                }

                before += Cost(sequence, part % sequence.Parts.Pieces);
            }
        }

        bounds.AsSpan(member).Fill(index);
    }

    /// <summary>A member's pieces, as far as they are of a sequence whose pieces begin at <paramref name="first"/>.</summary>
    public WorkShare Of(int member, int first, StepSequence sequence)
    {
        int pieces = kvHeads * sequence.Parts.Pieces;
        return new WorkShare(Math.Clamp(bounds[member] - first, 0, pieces), Math.Clamp(bounds[member + 1] - first, 0, pieces));
    }

    // A piece's queries and sums cost about as much as a block.
    private static long Cost(StepSequence sequence, int piece)
    {
        (int first, int last) = sequence.Parts.BlocksOf(piece);
        return last - first + 1;
    }
}
