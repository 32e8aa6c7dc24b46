using System.Text;
using AdaptiveKv.Inference.Tokenization;
using FsCheck.Fluent;

namespace AdaptiveKv.Unit.Inference.Tokenization;

public sealed class BytePairMergerTests
{
    // Chains, overlaps and competing ranks over an alphabet of three.
    private static readonly string[] Merges = ["a b", "b c", "ab c", "c a", "a a", "aa aa", "abc abc", "b b", "ca bb", "aa ab", "bc a"];

    [Fact]
    public void Merges_as_the_textbook_does()
    {
        TokenizerDefinition definition = SampleTokenizers.Made(Merges);
        var vocabulary = new Vocabulary(definition);
        var merger = new BytePairMerger(vocabulary, new MergeTable(Merges, vocabulary, "test"), TokenizerDetails.Usual);
        var pieces = Gen.Elements('a', 'b', 'c').ArrayOf().Select(letters => new string(letters)).ToArbitrary();
        SampleTokenizers.ForAll(pieces, piece =>
        {
            var tokens = new List<int>();
            merger.Encode(Encoding.UTF8.GetBytes(piece), tokens);
            Assert.Equal(Textbook(piece), tokens.Select(token => definition.Tokens[token]));
        });
    }

    /// <summary>Sennrich et al.: find the pair of lowest rank, merge its leftmost occurrence, again.</summary>
    private static List<string> Textbook(string piece)
    {
        List<string> symbols = [.. piece.Select(letter => letter.ToString())];
        while (true)
        {
            (int rank, int at) = Enumerable.Range(0, Math.Max(0, symbols.Count - 1))
                .Select(i => (Rank: Array.IndexOf(Merges, $"{symbols[i]} {symbols[i + 1]}"), At: i))
                .Where(pair => pair.Rank >= 0)
                .DefaultIfEmpty((-1, -1))
                .Min();
            if (rank < 0)
            {
                return symbols;
            }

            symbols[at] += symbols[at + 1];
            symbols.RemoveAt(at + 1);
        }
    }
}
