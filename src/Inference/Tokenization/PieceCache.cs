namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Token ids of recent short pieces. One slot per hash value, the newest piece wins: bounded by construction, and safe to share
/// between threads because an entry is immutable and replaced by one reference.
/// </summary>
internal sealed class PieceCache
{
    /// <summary>Longest piece kept, in characters.</summary>
    public const int MaxLength = 24;

    private const int Slots = 8192;

    private readonly Entry?[] slots = new Entry?[Slots];

    /// <summary>The ids of a piece seen before; false where it is not held.</summary>
    public bool TryGet(ReadOnlySpan<char> piece, out ReadOnlySpan<int> tokens)
    {
        Entry? entry = piece.Length <= MaxLength ? Volatile.Read(ref slots[Slot(piece)]) : null;
        bool found = entry is not null && piece.SequenceEqual(entry.Piece);
        tokens = found ? entry!.Tokens : default;
        return found;
    }

    /// <summary>Keeps the ids of a short piece; a long one is not kept.</summary>
    public void Add(ReadOnlySpan<char> piece, ReadOnlySpan<int> tokens)
    {
        if (piece.Length <= MaxLength)
        {
            Volatile.Write(ref slots[Slot(piece)], new Entry(piece.ToString(), tokens.ToArray()));
        }
    }

    private static int Slot(ReadOnlySpan<char> piece) => string.GetHashCode(piece) & (Slots - 1);

    private sealed record Entry(string Piece, int[] Tokens);
}
