using AdaptiveKv.Files;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Unit.Inference.Tokenization;

/// <summary>Malformed vocabularies: one clear error each. And odd ones that must load.</summary>
public sealed class TokenizerFaultsTests
{
    private static readonly TokenizerDefinition Sound = SampleTokenizers.Made(["a b"], special: "<eot>");

    [Theory]
    [InlineData("", "one space between them")]
    [InlineData(" ", "one space between them")]
    [InlineData("ab", "one space between them")]
    [InlineData("a ", "one space between them")]
    [InlineData(" b", "one space between them")]
    [InlineData("a b c", "one space between them")]
    [InlineData("a  b", "one space between them")]
    [InlineData("ab a", "'aba' is not a token")]
    [InlineData("xy a", "'xy' is not a token")]
    [InlineData("a xy", "'xy' is not a token")]
    public void Merge_is_refused(string merge, string problem)
    {
        TokenizerDefinition definition = Sound with { Merges = ["a b", merge] };
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => new Tokenizer(definition, "m.gguf"));
        Assert.StartsWith("m.gguf: merge 1: ", error.Message);
        Assert.Contains(problem, error.Message);
    }

    [Theory]
    [InlineData("begin of text", 257 + 1, 0)]
    [InlineData("begin of text", -2, 0)]
    [InlineData("end of text", -1, 257 + 1)]
    [InlineData("end of text", -1, -1)]
    [InlineData("end of text", -1, int.MinValue)]
    public void Id_out_of_range_is_refused(string field, int begin, int end)
    {
        TokenizerDefinition definition = Sound with { BeginOfText = begin, EndTokens = [end] };
        Assert.Equal(field, Assert.Throws<ModelFormatException>(() => new Tokenizer(definition)).Field);
    }

    [Fact]
    public void Begin_of_text_to_be_added_but_unknown_is_refused() =>
        Assert.Throws<ModelFormatException>(() => new Tokenizer(Sound with { AddBeginOfText = true }));

    [Fact]
    public void Empty_vocabulary_is_refused() =>
        Assert.Throws<ModelFormatException>(() => new Tokenizer(Sound with { Tokens = [], Special = [], Merges = [] }));

    [Fact]
    public void Lengths_that_disagree_are_refused()
    {
        TokenizerDefinition definition = Sound with { Special = [true, false] };
        Assert.Contains("2 for 258 tokens", Assert.Throws<ModelFormatException>(() => new Tokenizer(definition)).Message);
    }

    [Fact]
    public void Overlong_control_token_is_refused()
    {
        TokenizerDefinition definition = SampleTokenizers.Made([], special: new string('x', 1025));
        Assert.Equal("token 256", Assert.Throws<ModelFormatException>(() => new Tokenizer(definition)).Field);
    }

    [Fact]
    public void Unknown_pre_tokenizer_is_refused_with_the_known_ones()
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => new Tokenizer(Sound with { PreTokenizer = "tekken" }));
        Assert.Contains("'tekken' is unknown; expected one of smollm, ", error.Message);
        Assert.Contains(" llama-bpe, llama3, llama-v3, ", error.Message);
    }

    [Fact]
    public void Of_duplicate_tokens_and_merges_the_first_counts()
    {
        TokenizerDefinition definition = Sound with
        {
            Tokens = [.. Sound.Tokens, "ab", "a", "bc"],
            Special = [.. Sound.Special, false, false, false],
            Merges = ["a b", "b c", "a b"],
        };
        var tokenizer = new Tokenizer(definition);
        Assert.Equal([256], tokenizer.Encode("ab"));
        Assert.Equal(["ab", "c"], tokenizer.Spelled(tokenizer.Encode("abc")));
        Assert.True(tokenizer.Encode("a")[0] < 256);
        Assert.Equal("ab", tokenizer.Decode([258]));
    }

    [Fact]
    public void Empty_tokens_and_tokens_outside_the_byte_alphabet_load_as_literals()
    {
        TokenizerDefinition definition = Sound with { Tokens = [.. Sound.Tokens, "", "a 東"], Special = [.. Sound.Special, true, false] };
        var tokenizer = new Tokenizer(definition);
        Assert.Equal("", tokenizer.Decode([258]));
        Assert.Equal("a 東", tokenizer.Decode([259]));
        Assert.Equal("<eot>", tokenizer.Decode(tokenizer.Encode("<eot>")));
    }
}
