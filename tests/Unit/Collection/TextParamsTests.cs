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

        EncodedItem[] found = [.. windows.Select(values.WithPrompt)];

        Assert.All(found.Zip(windows), pair => Assert.Equal(CollectionSample.TextOf(pair.Second), CollectionSample.TextOf(pair.First)));
        int[] answers = [.. found.Where(item => item.Context.Length > 1).Select(item => item.Endings[0].Length)];
        Assert.InRange(answers.Length, 170, 230);
        Assert.All(answers, answer => Assert.InRange(answer, 16, Length - 1));
        Assert.InRange(answers.Count(answer => answer < 90), 0.4 * answers.Length, 0.6 * answers.Length); // 90 is the middle by logarithm.
        Assert.Equal(found[7].Context.Length, values.WithPrompt(Window(7)).Context.Length);
        Assert.Equal((found[7].Context.Length, found[7].Context.Length - 1), (values.PromptOf(found[7]), values.CountedOf(found[7])));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    public void Of_a_window_shorter_than_the_least_answer_the_first_token_is_the_prompt(int length)
    {
        EncodedItem found = new CollectParams { Prompts = true }.WithPrompt(Window(3, length));

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
