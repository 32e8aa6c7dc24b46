using System.Text.RegularExpressions;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Unit.Inference.Tokenization;

/// <summary>The scanners against the regular expressions they stand for.</summary>
public sealed class PreTokenizerTests
{
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    private const string Llama3 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    [Fact]
    public void Gpt2_cuts_as_its_expression() => Compare("gpt-2", text => Split(Gpt2, text));

    [Fact]
    public void SmolLm_cuts_as_its_expressions() =>
        Compare("smollm", text => Regex.Split(text, @"(\p{N})").SelectMany(part => Split(Gpt2, part)));

    [Fact]
    public void Llama_cuts_as_its_expression() => Compare("llama-bpe", text => Split(Llama3, text));

    [Fact]
    public void Qwen_cuts_as_its_expression() => Compare("qwen2", text => Split(Llama3.Replace("{1,3}", ""), text));

    [Fact]
    public void Default_cuts_as_its_expressions_one_after_the_other() => Compare("default", text =>
    {
        IEnumerable<string> parts = [text];
        foreach (string pattern in (string[])[@"[\p{P}$+<=>^~|]+", Gpt2, @"\p{N}+", "[0-9][0-9][0-9]"])
        {
            parts = parts.SelectMany(part => Regex.Split(part, $"({pattern})").Where(piece => piece.Length > 0));
        }

        return parts;
    });

    [Theory]
    [InlineData("default", "a's 1234567½12", "a|'|s| |123|456|7½12")]
    [InlineData("default", "x  !! y$=z 🙂🙂.", "x|  |!!| y|$=|z| 🙂🙂|.")]
    [InlineData("smollm", "😀😀 x𝟙2", "😀😀| x|𝟙|2")]
    [InlineData("gpt-2", "𝐀𝐁 𝟙2's \ud800x", "𝐀𝐁| 𝟙2|'s| \ud800|x")]
    [InlineData("llama-bpe", "😀𝐀 𝟙𝟚𝟛4'S", "😀𝐀| |𝟙𝟚𝟛|4|'S")]
    public void Characters_beyond_16_bits_have_their_own_class(string rule, string text, string pieces) =>
        Assert.Equal(pieces, string.Join('|', Cut(rule, text)));

    [Fact]
    public void Unknown_name_is_an_error() => Assert.Throws<ModelFormatException>(() => PreTokenizer.Named("", "m.gguf"));

    private static void Compare(string rule, Func<string, IEnumerable<string>> expected) =>
        SampleTokenizers.ForAll(SampleTokenizers.Texts, text =>
        {
            // .NET's expressions see halves of surrogate pairs.
            string basic = string.Concat(text.Where(character => !char.IsSurrogate(character)));
            Assert.Equal(expected(basic), Cut(rule, basic));
        });

    private static IEnumerable<string> Split(string pattern, string text) => Regex.Matches(text, pattern).Select(match => match.Value);

    private static List<string> Cut(string rule, string text)
    {
        PreTokenizer preTokenizer = PreTokenizer.Named(rule, "test");
        var pieces = new List<string>();
        for (int start = 0; start < text.Length; start += pieces[^1].Length)
        {
            pieces.Add(text.Substring(start, preTokenizer.PieceLength(text.AsSpan(start))));
        }

        return pieces;
    }
}
