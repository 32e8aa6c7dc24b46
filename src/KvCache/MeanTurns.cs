using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache;

/// <summary>
/// How rotary embedding turns the mean that keys had before it, averaged over stretches of 32 positions. Pair k of dimensions turns by
/// position * base^(-2k/d): a mean of the turned keys would be right for the positions it was taken over and wrong for all others.
/// </summary>
public sealed class MeanTurns
{
    /// <summary>Positions that share a mean.</summary>
    public const int StretchTokens = 32;

    private readonly float[] table; // [stretch][cosines of all pairs, sines of all pairs]; pinned, because kernels read it.
    private readonly int headDim;
    private readonly bool interleaved;

    /// <summary>Turns of all stretches.</summary>
    /// <param name="headDim">Elements per row.</param>
    /// <param name="ropeBase">Base of the frequencies.</param>
    /// <param name="interleaved">Whether pairs are (2k, 2k + 1); else (k, k + d/2).</param>
    /// <param name="positions">Positions of the model; the last stretch goes on behind them.</param>
    public MeanTurns(int headDim, double ropeBase, bool interleaved, int positions)
    {
        this.headDim = headDim;
        this.interleaved = interleaved;
        Stretches = Math.Max((positions + StretchTokens - 1) / StretchTokens, 1);
        table = GC.AllocateArray<float>(Stretches * headDim, pinned: true);
        int pairs = headDim / 2;
        for (int stretch = 0; stretch < Stretches; stretch++)
        {
            Span<float> row = table.AsSpan(stretch * headDim, headDim);
            for (int pair = 0; pair < pairs; pair++)
            {
                double frequency = Math.Pow(ropeBase, -2.0 * pair / headDim);
                (double cosines, double sines) = (0, 0);
                for (int i = 0; i < StretchTokens; i++)
                {
                    (double sine, double cosine) = Math.SinCos(((stretch * StretchTokens) + i) * frequency);
                    (cosines, sines) = (cosines + cosine, sines + sine);
                }

                (row[pair], row[pairs + pair]) = ((float)(cosines / StretchTokens), (float)(sines / StretchTokens));
            }
        }
    }

    /// <summary>Number of stretches.</summary>
    public int Stretches { get; }

    /// <summary>[stretch][HeadDim], for products with what <see cref="Fold"/> gives; stays where it is as long as this lives.</summary>
    internal unsafe float* Table => (float*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(table, 0);

    /// <summary>The stretch of a position.</summary>
    public int StretchOf(int position) => Math.Min(position / StretchTokens, Stretches - 1);

    /// <summary>The mean of a stretch's keys.</summary>
    /// <param name="mean">[HeadDim], before rotary embedding.</param>
    /// <param name="stretch">0 to <see cref="Stretches"/> - 1.</param>
    /// <param name="turned">[HeadDim].</param>
    public void Turn(ReadOnlySpan<float> mean, int stretch, Span<float> turned)
    {
        ReadOnlySpan<float> row = table.AsSpan(stretch * headDim, headDim);
        for (int pair = 0; pair < headDim / 2; pair++)
        {
            (int i, int j) = Pair(pair);
            (float cosine, float sine) = (row[pair], row[(headDim / 2) + pair]);
            turned[i] = (cosine * mean[i]) - (sine * mean[j]);
            turned[j] = (sine * mean[i]) + (cosine * mean[j]);
        }
    }

    /// <summary>Folds a query and a mean so that the product with a row of the table is the query's score with the mean of that stretch.</summary>
    /// <param name="query">[HeadDim], after rotary embedding.</param>
    /// <param name="mean">[HeadDim], before it.</param>
    /// <param name="folded">[HeadDim].</param>
    internal void Fold(ReadOnlySpan<float> query, ReadOnlySpan<float> mean, Span<float> folded)
    {
        int pairs = headDim / 2;
        for (int pair = 0; pair < pairs; pair += Vector256<float>.Count)
        {
            (Vector256<float> q, Vector256<float> p) = Eight(query, pair);
            (Vector256<float> m, Vector256<float> n) = Eight(mean, pair);
            ((q * m) + (p * n)).CopyTo(folded[pair..]);
            ((p * m) - (q * n)).CopyTo(folded[(pairs + pair)..]);
        }
    }

    // Both dimensions of eight pairs.
    private (Vector256<float> First, Vector256<float> Second) Eight(ReadOnlySpan<float> row, int pair)
    {
        if (!interleaved)
        {
            return (Vector256.Create(row[pair..]), Vector256.Create(row[((headDim / 2) + pair)..]));
        }

        Vector256<int> apart = Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7);
        Vector256<float> low = Vector256.Shuffle(Vector256.Create(row[(2 * pair)..]), apart), high = Vector256.Shuffle(Vector256.Create(row[((2 * pair) + 8)..]), apart);
        return (Vector256.Create(low.GetLower(), high.GetLower()), Vector256.Create(low.GetUpper(), high.GetUpper()));
    }

    private (int First, int Second) Pair(int pair) => interleaved ? (2 * pair, (2 * pair) + 1) : (pair, pair + (headDim / 2));
}
