using AdaptiveKv.Collection;
using AdaptiveKv.Data.Tasks;

namespace AdaptiveKv.Unit.Collection;

public sealed class TextParamsTests
{
    private const int Length = 512;

    /// <summary>Half of the windows are all answer, the others' answers are of all lengths; the text stays the same, and a window's lot hangs on no other.</summary>
    [Fact]
    public void Every_second_window_is_a_prompt_with_an_answer()
    {
        CollectParams values = new() { Prompts = true };
        EncodedItem[] windows = [.. Enumerable.Range(0, 400).Select(index => Window(index))];

        EncodedItem[] found = [.. windows.Select(values.Cut)];

        Assert.All(found.Zip(windows), pair => Assert.Equal(CollectionSample.TextOf(pair.Second), CollectionSample.TextOf(pair.First)));
        int[] answers = [.. found.Where(item => item.Context.Length > 1).Select(item => item.Endings[0].Length)];
        Assert.InRange(answers.Length, 170, 230);
        Assert.All(answers, answer => Assert.InRange(answer, 16, Length - 1));
        Assert.InRange(answers.Count(answer => answer < 90), 0.4 * answers.Length, 0.6 * answers.Length); // 90 is the middle by logarithm.
        Assert.Equal(found[7].Context.Length, values.Cut(Window(7)).Context.Length);
        Assert.Equal((found[7].Context.Length, found[7].Context.Length - 1), (values.PromptOf(found[7]), values.CountedOf(found[7])));
    }

    /// <summary>What is left of a window begins as it does, and lengths are even by logarithm; with prompts the answer is the end of what is left.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Windows_are_cut_to_all_lengths(bool prompts)
    {
        CollectParams values = new() { Shortest = 32, Prompts = prompts };
        EncodedItem[] windows = [.. Enumerable.Range(0, 400).Select(index => Window(index))];

        EncodedItem[] found = [.. windows.Select(values.Cut)];

        Assert.All(found.Zip(windows), pair => Assert.Equal(CollectionSample.TextOf(pair.Second)[..pair.First.Length], CollectionSample.TextOf(pair.First)));
        Assert.All(found, item => Assert.InRange(item.Length, 32, Length));
        Assert.InRange(found.Count(item => item.Length < 128), 160, 240); // 128 is the middle by logarithm.
        Assert.InRange(found.Count(item => item.Context.Length == 1), prompts ? 170 : 400, prompts ? 230 : 400);
        Assert.Equal(found[7].Length, values.Cut(Window(7)).Length);
    }

    /// <summary>A text of one token has no prediction, so that none is cut so short.</summary>
    [Fact]
    public void No_window_is_cut_to_a_single_token() =>
        Assert.All(Enumerable.Range(0, 400), index => Assert.InRange(new CollectParams { Shortest = 1 }.Cut(Window(index, 3)).Endings[0].Length, 1, 2));

    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    public void Of_a_window_shorter_than_the_least_answer_the_first_token_is_the_prompt(int length)
    {
        EncodedItem found = new CollectParams { Prompts = true }.Cut(Window(3, length));

        Assert.Equal((1, length - 1), (found.Context.Length, found.Endings[0].Length));
    }

    [Fact]
    public void Without_prompts_every_prediction_counts() => Assert.Equal((0, 0), (new CollectParams().PromptOf(Window(1)), new CollectParams().CountedOf(Window(1))));

    private static EncodedItem Window(int index, int length = Length)
    {
        int[] tokens = [.. Enumerable.Range(index, length)];
        return new EncodedItem(new MultipleChoiceItem($"{index}", string.Empty, ["text"], 0), tokens[..1], [tokens[1..]]);
    }
}
