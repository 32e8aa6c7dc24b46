using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Inference.Threads;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>
/// What a matrix product is cut into, so that threads can share it out evenly: tiles of weight rows, and where those are too few for the threads, half tiles for the
/// products of single rows and groups of rows for those of batches. No sum depends on it.
/// </summary>
internal readonly record struct ProductUnits
{
    /// <summary>Units that even out what each thread takes.</summary>
    public const int WantedOfThread = 3;

    private const int PairOctets = 2; // Products of single rows read weights in pairs of octets.
    private const int MostSingleRows = 4;
    private const int LeastRows = 32; // Of a group: each unpacks the tile for itself.
    private const int RowsTogether = 8; // What kernels compute at a time.

    private readonly int octets;
    private readonly int rows;
    private readonly int unitOctets;
    private readonly int groups;

    private ProductUnits(int octets, int rows, int unitOctets, int groups) => (this.octets, this.rows, this.unitOctets, this.groups) = (octets, rows, unitOctets, groups);

    /// <summary>Number of units: for each group of rows all tiles.</summary>
    public int Count => groups * Tiles(octets, unitOctets);

    /// <summary>Cuts a product.</summary>
    /// <param name="octets">Of the weights.</param>
    /// <param name="rows">Activation rows.</param>
    /// <param name="threads">That share it out.</param>
    public static ProductUnits Of(int octets, int rows, int threads)
    {
        bool halves = rows <= MostSingleRows && Tiles(octets, WordTile.Octets) < WantedOfThread * threads;
        return halves ? new ProductUnits(octets, rows, PairOctets, 1) : OfTiles(octets, rows, threads);
    }

    /// <summary>Cuts a product into whole tiles.</summary>
    /// <param name="octets">As in <see cref="Of"/>.</param>
    /// <param name="rows">As in <see cref="Of"/>.</param>
    /// <param name="threads">As in <see cref="Of"/>.</param>
    public static ProductUnits OfTiles(int octets, int rows, int threads)
    {
        int wanted = WantedOfThread * threads, tiles = Tiles(octets, WordTile.Octets);
        return new ProductUnits(octets, rows, WordTile.Octets, Math.Clamp((wanted + tiles - 1) / tiles, 1, Math.Max(rows / LeastRows, 1)));
    }

    /// <summary>The first of some neighbouring units that belong together: octets of one group of rows.</summary>
    /// <param name="units">At least one.</param>
    /// <param name="ofOctets">Its octets.</param>
    /// <param name="ofRows">Its rows.</param>
    /// <returns>The units that are left.</returns>
    public WorkShare Split(WorkShare units, out WorkShare ofOctets, out WorkShare ofRows)
    {
        int tiles = Tiles(octets, unitOctets), group = units.From / tiles, end = Math.Min(units.To, (group + 1) * tiles), first = group * tiles;
        ofOctets = new WorkShare(units.From - first, end - first).Times(unitOctets, octets);
        ofRows = WorkShare.Of((rows + RowsTogether - 1) / RowsTogether, group, groups).Times(RowsTogether, rows);
        return new WorkShare(end, units.To);
    }

    private static int Tiles(int octets, int of) => (octets + of - 1) / of;
}
