using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Files;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Data.Tasks;

public sealed class TextItemsTests : IDisposable
{
    private const int Tokens = 1000;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Windows_lie_side_by_side_and_are_named_after_their_places()
    {
        IReadOnlyList<EncodedItem> windows = Windows(300, 0, 1);

        Assert.Equal(["0", "300", "600"], windows.Select(window => window.Item.Id));
        Assert.Equal(Enumerable.Range(300, 300), (int[])[.. windows[1].Context, .. windows[1].Endings[0]]);
    }

    /// <summary>Whatever their lengths: what is learned from is not what is tested on.</summary>
    [Theory]
    [InlineData(7, 150)]
    [InlineData(250, 250)]
    [InlineData(100, 3)]
    public void Parts_have_no_window_in_common(int learned, int tested)
    {
        Assert.All(Windows(learned, 0, 0.7), window => Assert.InRange(int.Parse(window.Item.Id) + learned, 1, 700));
        Assert.All(Windows(tested, 0.7, 1), window => Assert.InRange(int.Parse(window.Item.Id), 700, Tokens - tested));
    }

    [Theory]
    [InlineData(1001, 0, 1)]
    [InlineData(300, 0.5, 0.75)]
    public void A_part_without_a_whole_window_is_refused(int length, double begin, double end) => Assert.Contains(
        $"the part from {begin} to {end} of 1000 tokens has no whole window of {length}",
        Assert.Throws<InvalidDataException>(() => Windows(length, begin, end)).Message,
        StringComparison.Ordinal);

    private IReadOnlyList<EncodedItem> Windows(int length, double begin, double end)
    {
        string path = folder["text.txt"];
        File.WriteAllText(path, "text");
        return TextItems.Windows(TextFile.Read(path), length, begin, end, _ => [.. Enumerable.Range(0, Tokens)], tokens => string.Join(' ', tokens));
    }
}
