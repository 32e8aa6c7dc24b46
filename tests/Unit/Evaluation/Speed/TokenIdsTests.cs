using AdaptiveKv.Evaluation.Speed;

namespace AdaptiveKv.Unit.Evaluation.Speed;

public sealed class TokenIdsTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void The_hash_is_that_of_little_endian_integers()
    {
        File.WriteAllText(path, " [1,\n 258 ] ");
        TokenIds ids = TokenIds.Read(path);

        Assert.Equal([1, 258], ids.Ids.ToArray());

        // printf '\x01\0\0\0\x02\x01\0\0' | sha256sum
        Assert.Equal("fb8bbe2ad3ab5292f19bc5d75bbab9b5fbddc5a78ce47ab41b2d3d59bca08596", ids.Sha256);
    }

    [Theory]
    [InlineData("[1, two]", "line 1, byte 6: expected a JSON array of token ids, such as [1, 2, 3]")]
    [InlineData("[1,\n2.5]", "line 2, byte 4: expected a JSON array of token ids, such as [1, 2, 3]")]
    [InlineData("{}", "line 1, byte 2: expected a JSON array of token ids, such as [1, 2, 3]")]
    [InlineData("[99999999999]", "line 1, byte 13: expected a JSON array of token ids, such as [1, 2, 3]")]
    [InlineData("null", "null: expected a JSON array of token ids, such as [1, 2, 3]")]
    public void What_is_no_array_of_ids_is_refused(string content, string expected)
    {
        File.WriteAllText(path, content);

        Assert.Equal($"{path}: {expected}", Assert.Throws<InvalidDataException>(() => TokenIds.Read(path)).Message);
    }

    [Fact]
    public void Drawn_ids_are_the_models_and_depend_on_the_seed_only()
    {
        TokenIds ids = TokenIds.Draw(1000, 50, 7);

        ids.Require(1000, 50);
        Assert.Equal(50, ids.Ids.ToArray().Distinct().Count());
        Assert.Equal(ids.Sha256, TokenIds.Draw(1000, 50, 7).Sha256);
        Assert.NotEqual(ids.Sha256, TokenIds.Draw(1000, 50, 8).Sha256);
    }

    [Fact]
    public void Too_few_ids_are_refused() => Assert.Equal(
        "few: 2 token ids: 3 are needed for the greatest depth: give more ids or smaller --depths",
        Assert.Throws<InvalidDataException>(() => new TokenIds("few", new[] { 1, 2 }).Require(3, 100)).Message);

    [Theory]
    [InlineData(-1)]
    [InlineData(100)]
    public void An_id_the_model_does_not_know_is_refused(int id) => Assert.Equal(
        $"wrong: item 1: {id} is no token id of this model: expected 0 to 99",
        Assert.Throws<InvalidDataException>(() => new TokenIds("wrong", new[] { 1, id }).Require(2, 100)).Message);
}
