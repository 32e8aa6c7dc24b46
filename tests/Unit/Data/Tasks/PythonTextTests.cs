using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Data.Tasks;

/// <summary>Expected values are Python's own: eng/python/text.py wrote the golden files.</summary>
public sealed class PythonTextTests
{
    /// <summary>All of Unicode, in blocks: how a letter is capitalized first and later, around a sigma, and stripped.</summary>
    public static TheoryData<int, string> Blocks => [.. Lines("capitalized.jsonl").Select(row => (row.GetProperty("start").GetInt32(), row.GetProperty("sha256").GetString()!))];

    [Theory]
    [InlineData("", "")]
    [InlineData("ßtrasse Ring", "Sstrasse ring")]
    [InlineData("ǆabc İXΣ ring", "ǅabc i\u0307xς ring")]
    [InlineData("ŉa ﬁnd", "ʼNa ﬁnd")]
    [InlineData("ﬁnd", "Find")]
    [InlineData("ΣΑΣ ΣΑΣ.", "Σας σας.")]
    [InlineData("aΣ\u0301b aΣ\u00AD", "Aσ\u0301b aς\u00AD")]
    [InlineData("𐐨𐐀", "𐐀𐐨")]
    [InlineData(" a", " a")]
    public void A_text_is_capitalized(string text, string expected) => Assert.Equal(expected, PythonText.Capitalize(text));

    [Theory]
    [InlineData("\u001Ca\u001Db\u001F\u0085\u00A0\u2003", "a\u001Db")]
    [InlineData("\u200Ba\u180E\uFEFF", "\u200Ba\u180E\uFEFF")]
    [InlineData(" \u001E ", "")]
    public void Blanks_are_those_of_python(string text, string expected) => Assert.Equal(expected, PythonText.Strip(text));

    [Theory]
    [InlineData("", 0)]
    [InlineData("né", 2)]
    [InlineData("😀e\u0301日", 4)]
    public void Length_counts_characters(string text, int expected) => Assert.Equal(expected, PythonText.Length(text));

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Every_letter_is_treated_as_python_does(int start, string sha256)
    {
        IEnumerable<string> texts = Enumerable.Range(start, 4096).Where(Rune.IsValid).Select(code => new Rune(code)).SelectMany<Rune, string>(one =>
        [
            PythonText.Capitalize($"{one}"), PythonText.Capitalize($"a{one}"), PythonText.Capitalize($"a{one}Σ"), PythonText.Capitalize($".{one}Σ"),
            PythonText.Capitalize($"aΣ{one}"), PythonText.Capitalize($"aΣ{one}b"), PythonText.Strip($"{one}x{one}"),
        ]);

        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', texts)))));
    }

    [Fact]
    public void Items_are_cleaned_to_the_letter()
    {
        JsonElement[] rows = Lines("hellaswag-texts.jsonl");

        Assert.Equal(200, rows.Length);
        Assert.All(rows, row =>
        {
            string Of(string name) => row.GetProperty(name).GetString()!;
            string json = JsonSerializer.Serialize(new { activity_label = Of("activity_label"), ctx_a = Of("ctx_a"), ctx_b = Of("ctx_b"), endings = (string[])["x", Of("ending")], label = 0 });
            MultipleChoiceItem item = HellaSwag.FromJson(JsonRow.Parse(new TextLine("f", 1, json)), 0);

            Assert.Equal(Of("query"), item.Context);
            Assert.Equal(Of("choice"), item.Endings[1]);
            Assert.Equal(Of("rstrip"), PythonText.TrimEnd(item.Context));
        });
    }

    private static JsonElement[] Lines(string file) =>
        [.. File.ReadLines(Path.Combine(SharedFiles.Repository, "tests", "Unit", "Data", "Tasks", "Golden", file)).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
}
