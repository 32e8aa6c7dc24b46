using AdaptiveKv.Files;

namespace AdaptiveKv.Unit.Files;

public sealed class NearestNameTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("abc", "", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("flaw", "lawn", 2)]
    [InlineData("intention", "execution", 5)]
    [InlineData("statc-4", "static-4", 1)]
    public void Distances_are_the_textbook_ones(string from, string to, int expected) => Assert.Equal(expected, NearestName.Distance(from, to));

    [Fact]
    public void The_nearest_is_found_whatever_the_case() => Assert.Equal("static-16", NearestName.Find("Static16", ["static-4", "static-16"]));

    [Fact]
    public void The_first_of_equally_near_names_wins() => Assert.Equal("static-2", NearestName.Find("static-5", ["static-2", "static-4"]));

    [Fact]
    public void Nothing_is_suggested_where_nothing_is_near() => Assert.Null(NearestName.Find("entropy", ["static-2", "static-4"]));

    [Fact]
    public void A_huge_name_costs_nothing() => Assert.Null(NearestName.Find(new string('s', 10_000_000), ["static-2"]));
}
