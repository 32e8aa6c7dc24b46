using AdaptiveKv.Pipeline.Files;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Pipeline.Files;

public sealed class YamlReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("a: 1\nb: [x, 'y']\nc: {d: }\n")]
    [InlineData("""{"a": 1, "b": ["x", "y"], "c": {"d": null}}""")]
    [InlineData("\uFEFFa: 1 # one\r\nb:\r\n  - x\r\n  - y\r\nc:\r\n  d: ~\r\n")]
    public void YamlAndJsonAreRead(string text)
    {
        YamlMap map = Assert.IsType<YamlMap>(YamlReader.ReadFile(folder.Write("a.yaml", text)));

        Assert.Equal(["a", "b", "c"], map.Entries.Select(entry => entry.Key));
        Assert.Equal("1", Assert.IsType<YamlScalar>(map.Entries[0].Value).Text);
        Assert.Equal(["x", "y"], Assert.IsType<YamlList>(map.Entries[1].Value).Items.Select(item => ((YamlScalar)item).Text));
        Assert.True(Assert.IsType<YamlScalar>(Assert.IsType<YamlMap>(map.Entries[2].Value).Entries[0].Value).IsNull);
    }

    [Theory]
    [InlineData("a: &x 1\nb: *x\n", 1, "anchors and aliases are not supported")]
    [InlineData("a: 1\nb: *x\n", 2, "")]
    [InlineData("a: !!python/object/apply:os.system ['ls']\n", 1, "tags are not supported")]
    [InlineData("a: 1\n---\nb: 1\n", 2, "a second document starts here")]
    [InlineData("a: 1\n  b: 2\n", 2, "not valid YAML")]
    [InlineData("a: [1, 2\n", 2, "not valid YAML")]
    [InlineData("a: \"x\n", 2, "not valid YAML")]
    [InlineData("a:\n\t- 1\n", 1, "not valid YAML")]
    [InlineData("? [a]\n: 1\n", 1, "a key is a list: expected a name")]
    [InlineData("a: 1\nb: 2\na: 3\n", 3, "the key 'a' is here a second time")]
    public void WhatIsNotPlainYamlIsRefusedWithItsLine(string text, int line, string problem)
    {
        string path = folder.Write("a.yaml", text);

        ConfigurationException exception = Assert.Throws<ConfigurationException>(() => YamlReader.ReadFile(path));

        Assert.StartsWith($"{path}:{line}: {problem}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NestingHasALimit() => IsRefused(new string('[', 100_000), "nested more than 32 deep");

    [Fact]
    public void SizeHasALimit() => IsRefused(new string(' ', 1 << 21), "2,097,152 bytes are too many: expected at most 1,048,576");

    [Fact]
    public void OtherTextIsRefused() =>
        Assert.Contains("it is not UTF-8 text", Assert.Throws<ConfigurationException>(() => YamlReader.ReadFile(folder.Write("a.yaml", [0xFF, 0xFE, 0x61]))).Message, StringComparison.Ordinal);

    /// <summary>No text, however broken, ends in anything but nodes or a fault.</summary>
    [Fact]
    public void MutatedDocumentsAreReadOrRefused()
    {
        const string Alphabet = "{}[]:,-&*!|>'\"%@`#? \n\t\\\0\u2028az0";
        Random random = new(20);
        for (int mutant = 0; mutant < 10_000; mutant++)
        {
            char[] text = DemoPipeline.Document.ToCharArray();
            for (int change = random.Next(1, 6); change > 0; change--)
            {
                text[random.Next(text.Length)] = Alphabet[random.Next(Alphabet.Length)];
            }

            try
            {
                Assert.NotNull(YamlReader.ReadText(new string(text), "mutant"));
            }
            catch (ConfigurationException exception)
            {
                Assert.StartsWith("mutant: ", exception.Message, StringComparison.Ordinal);
            }
        }
    }

    private void IsRefused(string text, string problem)
    {
        string path = folder.Write("a.yaml", text);

        Assert.EndsWith(problem, Assert.Throws<ConfigurationException>(() => YamlReader.ReadFile(path)).Message, StringComparison.Ordinal);
    }
}
