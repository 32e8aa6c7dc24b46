using AdaptiveKv.Evaluation.Perplexity;

namespace AdaptiveKv.Unit.Evaluation.Perplexity;

public sealed class TextWindowTests
{
    [Fact]
    public void Windows_without_overlap_score_all_but_their_first_token() =>
        Assert.Equal([new TextWindow(0, 4, 1), new TextWindow(4, 4, 1)], TextWindow.Cut(11, 4, 4));

    [Fact]
    public void Overlapping_windows_score_each_token_once()
    {
        IReadOnlyList<TextWindow> windows = TextWindow.Cut(10, 4, 2);

        Assert.Equal([new TextWindow(0, 4, 1), new TextWindow(2, 4, 2), new TextWindow(4, 4, 2), new TextWindow(6, 4, 2)], windows);
        Assert.Equal(Enumerable.Range(1, 9), windows.SelectMany(window => Enumerable.Range(window.Start + window.FirstScored, window.Scored)));
    }

    [Fact]
    public void A_short_text_is_one_window() => Assert.Equal([new TextWindow(0, 3, 1)], TextWindow.Cut(3, 4, 4));

    [Theory]
    [InlineData(1, 4, 4)]
    [InlineData(9, 1, 1)]
    [InlineData(9, 4, 0)]
    [InlineData(9, 4, 5)]
    public void What_scores_nothing_or_skips_tokens_is_refused(int tokens, int length, int stride) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TextWindow.Cut(tokens, length, stride));

    [Fact]
    public void Places_near_the_largest_integer_do_not_overflow() => Assert.Equal(2, TextWindow.Cut(int.MaxValue, (1 << 30) - 1, (1 << 30) - 1).Count);
}
