using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Unit.KvCache.Attention;

public sealed class AttentionPartsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(32)]
    public void The_pieces_of_any_length_are_all_of_it_and_none_is_empty(int kvHeads)
    {
        using PackedKvCache cache = new(new CacheShape(1, kvHeads, 1, 32), new KvCacheOptions { MaxTokens = 32 });
        using AttentionParts parts = new(cache);
        for (int blocks = 1; blocks <= 300; blocks++)
        {
            parts.Cut(blocks);
            int end = 0;
            for (int piece = 0; piece < parts.Pieces; piece++)
            {
                (int first, int last) = parts.BlocksOf(piece);
                Assert.Equal(end, first);
                Assert.True(last > first, $"piece {piece} of {blocks} blocks is empty");
                end = last;
            }

            Assert.Equal(blocks, end);
            Assert.True(blocks > 8 || parts.Pieces == 1, $"{blocks} blocks are cut");
        }
    }

    [Fact]
    public void Before_the_first_token_there_is_one_piece_of_nothing()
    {
        using PackedKvCache cache = new(new CacheShape(1, 2, 1, 32), new KvCacheOptions { MaxTokens = 32 });
        using AttentionParts parts = new(cache);

        parts.Cut(0);

        Assert.Equal((1, (0, 0)), (parts.Pieces, parts.BlocksOf(0)));
    }
}
