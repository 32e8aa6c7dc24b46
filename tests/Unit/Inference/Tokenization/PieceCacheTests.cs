using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Unit.Inference.Tokenization;

public sealed class PieceCacheTests
{
    [Fact]
    public void What_is_held_is_right_and_never_more_than_the_slots()
    {
        var cache = new PieceCache();
        for (int i = 0; i < 50_000; i++)
        {
            cache.Add($"word{i}", [i]);
        }

        int held = 0;
        for (int i = 0; i < 50_000; i++)
        {
            if (cache.TryGet($"word{i}", out ReadOnlySpan<int> tokens))
            {
                Assert.Equal([i], tokens.ToArray());
                held++;
            }
        }

        Assert.InRange(held, 1, 8192);
    }

    [Fact]
    public void Long_pieces_are_not_kept()
    {
        var cache = new PieceCache();
        string piece = new('x', PieceCache.MaxLength + 1);
        cache.Add(piece, [1]);
        cache.Add(piece.AsSpan(1), [2]);
        Assert.False(cache.TryGet(piece, out _));
        Assert.True(cache.TryGet(piece.AsSpan(1), out ReadOnlySpan<int> tokens));
        Assert.Equal([2], tokens.ToArray());
    }
}
