using AdaptiveKv.Data.Tasks;

namespace AdaptiveKv.Unit.Data.Tasks;

/// <summary>Token ids are the words' numbers here, so that a sequence shows where it comes from.</summary>
public sealed class CalibrationSequencesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("akv-sequences-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Windows_of_a_text_are_whole_and_never_drawn_twice()
    {
        string path = Write("text.txt", string.Join(' ', Enumerable.Range(0, 1000)));

        CalibrationSequences drawn = CalibrationSequences.Draw(path, Words, 250, 50, 7);

        Assert.Equal(250, drawn.Tokens);
        Assert.Equal(5, drawn.Sequences.Select(sequence => sequence[0]).Distinct().Count());
        Assert.All(drawn.Sequences, sequence => Assert.Equal(Enumerable.Range(sequence[0], 50), sequence));
        Assert.Equal(drawn.Sequences, CalibrationSequences.Draw(path, Words, 250, 50, 7).Sequences);
        Assert.NotEqual(drawn.Sequences, CalibrationSequences.Draw(path, Words, 250, 50, 8).Sequences);
    }

    [Theory]
    [InlineData(120, 50, new[] { 50, 50, 20 })]
    [InlineData(30, 50, new[] { 30 })]
    [InlineData(50, 50, new[] { 50 })]
    public void The_last_window_is_as_long_as_is_left(int tokens, int window, int[] lengths) =>
        Assert.Equal(lengths, CalibrationSequences.Draw(Write("text.txt", string.Join(' ', Enumerable.Range(0, 1000))), Words, tokens, window, 7).Sequences.Select(sequence => sequence.Length));

    /// <summary>A measured window of n tokens predicts the token that follows it too.</summary>
    [Fact]
    public void Nothing_that_is_measured_is_read()
    {
        var text = new TextFile("text", new string('a', 64), "");
        int[] ids = [.. Enumerable.Range(0, 1000)];

        CalibrationSequences drawn = CalibrationSequences.Outside(text, ids, [new TextWindow(0, 300, 0), new TextWindow(450, 50, 0)], 550, 50, 3);

        Assert.Equal([.. Enumerable.Range(350, 100), .. Enumerable.Range(550, 450)], drawn.Sequences.SelectMany(sequence => sequence).Order());
    }

    [Fact]
    public void A_text_that_is_too_short_is_refused() =>
        Assert.Contains(
            "20 windows of 50 tokens, too few for 1001 tokens",
            Assert.Throws<InvalidDataException>(() => CalibrationSequences.Draw(Write("text.txt", string.Join(' ', Enumerable.Range(0, 1000))), Words, 1001, 50, 7)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Items_are_read_with_their_right_endings()
    {
        string path = Write("items.jsonl", string.Concat(Enumerable.Range(0, 40).Select(i => $$"""{"context": "{{i}} 101", "endings": ["{{i}} 1", "{{i}} 2 3"], "label": {{i % 2}}}""" + "\n")));

        CalibrationSequences drawn = CalibrationSequences.Draw(path, Words, 30, 4, 7);

        Assert.Equal(30, drawn.Tokens);
        Assert.All(drawn.Sequences.SkipLast(1), sequence => Assert.Equal(sequence[0] % 2 == 0 ? [sequence[0], 101, sequence[0], 1] : [sequence[0], 101, sequence[0], 2], sequence));
        Assert.Equal(drawn.Sequences.Count, drawn.Sequences.Select(sequence => sequence[0]).Distinct().Count());
    }

    [Fact]
    public void Too_few_items_are_refused() =>
        Assert.Contains(
            "1 items of 2 tokens in all, too few for 100 tokens",
            Assert.Throws<InvalidDataException>(() => CalibrationSequences.Draw(Write("items.jsonl", """{"context": "1", "endings": ["2", "3"], "label": 0}"""), Words, 100, 50, 7)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_wrong_item_is_named_by_its_line() =>
        Assert.Contains(
            "line 1: field 'label'",
            Assert.Throws<InvalidDataException>(() => CalibrationSequences.Draw(Write("items.jsonl", """{"context": "1", "endings": ["2", "3"], "label": 9}"""), Words, 100, 50, 7)).Message,
            StringComparison.Ordinal);

    private static int[] Words(string text) => [.. text.Split(' ').Select(int.Parse)];

    private string Write(string name, string content)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
