using AdaptiveKv.Inference.Tokenization;
using FsCheck.Fluent;

namespace AdaptiveKv.Unit.Inference.Tokenization;

public sealed class SpecialTokensTests
{
    private static readonly string[] Literals = ["ab", "abba", "a", "bb", "abb", "ab", "", "cab", "c\ufffdb"];

    [Fact]
    public void The_leftmost_match_is_found_and_the_longest_there()
    {
        var special = new SpecialTokens(Literals, [.. Literals.Select(_ => true)], "test");
        var texts = Gen.Elements('a', 'b', 'c', 'd', '\uffff').ArrayOf().Select(letters => new string(letters)).ToArbitrary();
        SampleTokenizers.ForAll(texts, text =>
        {
            var expected = Enumerable.Range(0, text.Length)
                .Select(start => (Start: start, Literal: LongestAt(text[start..])))
                .FirstOrDefault(match => match.Literal is not null);
            bool found = special.TryFindFirst(text, out int start, out int length, out int id);
            Assert.Equal(expected.Literal is not null, found);
            if (found)
            {
                Assert.Equal((expected.Start, expected.Literal!.Length, Array.IndexOf(Literals, expected.Literal)), (start, length, id));
            }
        });
    }

    [Fact]
    public void A_literal_is_found_by_name_and_what_is_no_control_token_is_not()
    {
        var special = new SpecialTokens(["x", "y", "x"], [true, false, true], "test");
        Assert.Equal((0, -1, -1), (special.Find("x"), special.Find("y"), special.Find("")));
        Assert.False(special.TryFindFirst("yyy", out _, out _, out _));
    }

    private static string? LongestAt(string text) =>
        Literals.Where(literal => literal != "" && text.StartsWith(literal, StringComparison.Ordinal)).MaxBy(literal => literal.Length);
}
