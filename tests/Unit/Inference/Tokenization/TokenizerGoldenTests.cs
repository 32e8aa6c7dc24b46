using System.Text.Json;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Inference.Tokenization;

public sealed class TokenizerGoldenTests
{
    [Fact]
    public void SmolLm_gives_the_reference_ids_of_every_line()
    {
        string golden = SharedFiles.Require("golden/tokenizer.json");
        Tokenizer tokenizer = SampleTokenizers.SmolLm;
        int lines = 0;
        foreach ((string text, int[] tokens) in Read(JsonDocument.Parse(File.ReadAllText(golden)).RootElement))
        {
            Assert.Equal(tokens, tokenizer.Encode(text));
            Assert.Equal(text, tokenizer.Decode(tokens));
            lines++;
        }

        Assert.Equal(90, lines);
        Assert.Equal(49_152, tokenizer.Vocabulary);
    }

    [Fact]
    public void Micro_gives_the_reference_ids_from_both_files()
    {
        JsonElement golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(SharedFiles.Micro, "golden.json"))).RootElement;
        (string Text, int[] Tokens)[] prompts = [.. Read(golden.GetProperty("prompts"))];
        Assert.NotEmpty(prompts);
        Assert.All(prompts, prompt => Assert.Equal(prompt.Tokens, SampleTokenizers.Micro.Encode(prompt.Text)));
        Assert.All(prompts, prompt => Assert.Equal(prompt.Tokens, SampleTokenizers.MicroFolder.Encode(prompt.Text)));
    }

    [Fact]
    public void Micro_contexts_have_the_reference_number_of_tokens()
    {
        JsonElement golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(SharedFiles.Micro, "golden.json"))).RootElement;
        string[] items = File.ReadAllLines(Path.Combine(SharedFiles.Micro, "items_validation.jsonl"));
        Assert.All(golden.GetProperty("items").EnumerateArray(), expected =>
        {
            JsonElement item = JsonDocument.Parse(items[expected.GetProperty("item").GetInt32()]).RootElement;
            string context = item.GetProperty("context").GetString()!;
            Assert.Equal(expected.GetProperty("context_tokens").GetInt32(), SampleTokenizers.Micro.Encode(context).Length);
        });
    }

    [Fact]
    public void Micro_is_the_same_tokenizer_from_both_files() => SampleTokenizers.ForAll(
        SampleTokenizers.Texts,
        text => Assert.Equal(SampleTokenizers.Micro.Encode(text), SampleTokenizers.MicroFolder.Encode(text)));

    private static IEnumerable<(string Text, int[] Tokens)> Read(JsonElement lines) => lines.EnumerateArray().Select(
        line => (line.GetProperty("text").GetString()!, line.GetProperty("tokens").Deserialize<int[]>()!));
}
