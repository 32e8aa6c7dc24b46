using AdaptiveKv.Data.Tasks;

namespace AdaptiveKv.Unit.Data.Tasks;

public sealed class TextWindowTests
{
    [Fact]
    public void Windows_side_by_side_predict_each_token_but_the_first_once() =>
        Assert.Equal([new TextWindow(0, 4, 0), new TextWindow(4, 4, 0)], TextWindow.Cut(12, 4, 4));

    [Fact]
    public void Overlapping_windows_predict_each_token_once()
    {
        IReadOnlyList<TextWindow> windows = TextWindow.Cut(11, 4, 2);

        Assert.Equal([new TextWindow(0, 4, 0), new TextWindow(2, 4, 2), new TextWindow(4, 4, 2), new TextWindow(6, 4, 2)], windows);
        Assert.Equal(Enumerable.Range(1, 10), windows.SelectMany(window => Enumerable.Range(window.Start + window.Context + 1, window.Length - window.Context)));
    }

    [Fact]
    public void The_last_token_is_predicted_and_not_read() => Assert.Equal([new TextWindow(0, 4, 0)], TextWindow.Cut(5, 4, 4));

    [Fact]
    public void A_short_text_is_one_window() => Assert.Equal([new TextWindow(0, 2, 0)], TextWindow.Cut(3, 4, 4));

    [Theory]
    [InlineData(1, 4, 4)]
    [InlineData(9, 0, 1)]
    [InlineData(9, 4, 0)]
    [InlineData(9, 4, 5)]
    public void What_predicts_nothing_or_skips_tokens_is_refused(int tokens, int length, int stride) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TextWindow.Cut(tokens, length, stride));

    [Fact]
    public void Places_near_the_largest_integer_do_not_overflow() => Assert.Equal(2, TextWindow.Cut(int.MaxValue, (1 << 30) - 1, (1 << 30) - 1).Count);
}
