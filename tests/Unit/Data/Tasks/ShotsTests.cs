using AdaptiveKv.Data.Tasks;

namespace AdaptiveKv.Unit.Data.Tasks;

public sealed class ShotsTests
{
    private static readonly MultipleChoiceItem[] Items =
        [.. Enumerable.Range(0, 40).Select(number => new MultipleChoiceItem($"{number}", $"question {number}:", ["wrong", $"answer {number}"], 1))];

    [Fact]
    public void They_stand_as_question_and_right_ending_with_an_empty_line_after_each() =>
        Assert.Equal("question 3: answer 3\n\nquestion 8: answer 8\n\n", new Shots([Items[3], Items[8]]).Text);

    [Fact]
    public void They_are_the_last_of_the_random_order()
    {
        IReadOnlyList<MultipleChoiceItem> before = ItemSample.Part(Items, 0, 35, 7);
        Shots shots = Shots.Draw(Items, 5, 7, before);

        Assert.Equal(Items.Select(item => item.Id).Order(), shots.Items.Concat(before).Select(item => item.Id).Order());
        Assert.Equal(shots.Items, Shots.Draw(Items, 5, 7, before.Take(3).ToArray()).Items);
    }

    [Fact]
    public void An_item_with_its_answer_among_them_is_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Shots.Draw(Items, 5, 7, Items));
        Assert.Contains("would stand among them with its answer: limit the items so that 5 are left over", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_their_file_has_are_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Shots.Draw(Items, 41, 7, []));
        Assert.Contains("shots 41: their file has 40 items", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Items_after_them_share_their_tokens()
    {
        Shots shots = new([Items[3]]);
        EncodedItem[] encoded = shots.Encode([Items[0], Items[1]], Characters);

        Assert.All(encoded, item => Assert.Equal(shots.Text.Length, item.Shared));
        Assert.Equal(shots.Text + "question 1:", new string([.. encoded[1].Context.Select(token => (char)token)]));
        Assert.Equal(" answer 1", new string([.. encoded[1].Endings[1].Select(token => (char)token)]));
        Assert.Equal("answer 1".Length, encoded[1].EndingBytes[1]);
    }

    /// <summary>Here the empty line and the item's first letter are one token.</summary>
    [Fact]
    public void A_token_across_the_border_is_an_items_own()
    {
        Shots shots = new([Items[3]]);
        EncodedItem item = Assert.Single(shots.Encode([Items[0]], text => Characters(text.Replace("\n\nq", "X", StringComparison.Ordinal))));

        Assert.Equal(shots.Text.Length - 2, item.Shared);
        Assert.Equal('X', item.Context[item.Shared]);
    }

    [Fact]
    public void Without_them_nothing_is_shared() => Assert.All(Shots.None.Encode(Items, Characters), item => Assert.Equal((0, item.Item.Context.Length), (item.Shared, item.Context.Length)));

    private static int[] Characters(string text) => [.. text.Select(letter => (int)letter)];
}
