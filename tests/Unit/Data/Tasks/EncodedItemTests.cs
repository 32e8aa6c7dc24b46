using AdaptiveKv.Data.Tasks;

namespace AdaptiveKv.Unit.Data.Tasks;

/// <summary>Over a tokenizer of single characters in which some pairs are one token, as merges make them.</summary>
public sealed class EncodedItemTests
{
    [Fact]
    public void An_ending_begins_with_the_blank_before_it()
    {
        EncodedItem item = Encode("ab", ["cd", "e"]);

        Assert.Equal(Characters("ab"), item.Context);
        Assert.Equal(Characters(" cd"), item.Endings[0]);
        Assert.Equal(Characters(" e"), item.Endings[1]);
        Assert.Equal([2, 1], item.EndingBytes);
        Assert.Equal(5, item.Length);
    }

    [Fact]
    public void Bytes_are_those_of_utf8() => Assert.Equal([5, 4], Encode("ab", ["caf\u00E9", "\U0001F600"]).EndingBytes);

    [Fact]
    public void Blanks_that_end_the_context_belong_to_the_endings()
    {
        EncodedItem item = Encode("ab ", ["c", "d"]);

        Assert.Equal(Characters("ab"), item.Context);
        Assert.Equal(Characters("  c"), item.Endings[0]);
    }

    [Fact]
    public void Where_a_letter_merges_across_the_border_all_endings_start_before_it()
    {
        EncodedItem item = EncodedItem.Encode(new MultipleChoiceItem("i", "ab", ["c", "d"], 0), text => Characters(text.Replace("b c", "X", StringComparison.Ordinal)));

        Assert.Equal(Characters("a"), item.Context);
        Assert.Equal(Characters("X"), item.Endings[0]);
        Assert.Equal(Characters("b d"), item.Endings[1]);
    }

    [Fact]
    public void A_context_without_a_token_of_its_own_is_refused()
    {
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => EncodedItem.Encode(new MultipleChoiceItem("i7", "a", ["b", "c"], 0), text => Characters(text.Replace("a b", "X", StringComparison.Ordinal))));

        Assert.StartsWith("item 'i7': its context 'a' has no token that all endings share", error.Message);
    }

    private static EncodedItem Encode(string context, string[] endings) => EncodedItem.Encode(new MultipleChoiceItem("i", context, endings, 0), Characters);

    private static int[] Characters(string text) => [.. text.Select(character => (int)character)];
}
