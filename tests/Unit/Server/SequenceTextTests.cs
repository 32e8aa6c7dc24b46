using System.Text;
using AdaptiveKv.Server.Scheduling;
using AdaptiveKv.Unit.Inference;

namespace AdaptiveKv.Unit.Server;

/// <summary>Text that goes to clients: whole characters, nothing of a stop text, and each token's score with the text it ends in.</summary>
public sealed class SequenceTextTests(MicroModel models) : IClassFixture<MicroModel>
{
    [Fact]
    public void CharactersThatTokensCutComeOutWhole()
    {
        const string Text = "ring, \u00e9\u4e2d\ud83d\ude00 end";
        int[] tokens = models.Int8.Tokenizer.EncodeFragment(Text, parseSpecial: false);
        Assert.True(tokens.Length > Text.Length - 4, "the model has tokens for whole characters: the test shows nothing");

        (string shown, int scored, string[] pieces) = Show(tokens, []);

        Assert.Equal(Text, shown);
        Assert.Equal(tokens.Length, scored);
        Assert.All(pieces, piece => Assert.Equal(piece, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(piece))));
    }

    [Theory]
    [InlineData("Mia: then ring office.", "ring", "Mia: then ")]
    [InlineData("Mia: then ring office.", "n r", "Mia: the")]
    [InlineData("Mia: then ring office.", "office. x", "Mia: then ring office.")]
    public void NothingOfAStopTextComesOut(string text, string stop, string expected)
    {
        int[] tokens = models.Int8.Tokenizer.EncodeFragment(text, parseSpecial: false);

        (string shown, int scored, string[] pieces) = Show(tokens, [stop]);

        Assert.Equal(expected, shown);
        Assert.All(Enumerable.Range(1, pieces.Length), count => Assert.StartsWith(string.Concat(pieces[..count]), expected, StringComparison.Ordinal));

        // The tokens that the text is made of, the last of them perhaps cut.
        int made = 1;
        while (models.Int8.Tokenizer.Decode(tokens.AsSpan(0, made)).Length < expected.Length)
        {
            made++;
        }

        Assert.Equal(made, scored);
    }

    private (string Text, int Scored, string[] Pieces) Show(int[] tokens, string[] stops)
    {
        SequenceText text = new(models.Int8.Tokenizer, stops);
        List<Piece> pieces = [];
        foreach (int token in tokens.TakeWhile(_ => !text.Stopped))
        {
            pieces.Add(text.Append(token, new ScoredToken(token, -1, [])));
        }

        pieces.Add(text.End());
        return (string.Concat(pieces.Select(piece => piece.Text)), pieces.Sum(piece => piece.Tokens.Count), [.. pieces.Select(piece => piece.Text)]);
    }
}
