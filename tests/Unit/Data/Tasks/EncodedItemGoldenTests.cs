using System.Text.Json;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Data.Tasks;

/// <summary>Where contexts end and endings begin, against the references made with other tokenizers.</summary>
public sealed class EncodedItemGoldenTests
{
    [Fact]
    public void Hellaswag_items_split_as_in_the_reference()
    {
        Dictionary<string, MultipleChoiceItem> items = ItemFile.Read(SharedFiles.Require("data/hellaswag_val.jsonl")).Items.ToDictionary(item => item.Id);
        Tokenizer tokenizer = TokenizerOf(SharedFiles.SmolLm);
        string[] lines = File.ReadAllLines(SharedFiles.Require("golden/hellaswag_f32.jsonl"));

        Assert.Equal(400, lines.Length);
        Assert.All(lines, line =>
        {
            JsonElement golden = JsonElement.Parse(line);
            EncodedItem encoded = EncodedItem.Encode(items[golden.GetProperty("item").GetRawText()], text => tokenizer.Encode(text));

            Assert.Equal(golden.GetProperty("gold").GetInt32(), encoded.Item.Label);
            Assert.Equal(golden.GetProperty("context_tokens").GetInt32(), encoded.Context.Length);
            Assert.Equal(Integers(golden, "ending_tokens"), encoded.Endings.Select(ending => ending.Length));
            Assert.Equal(Integers(golden, "ending_bytes"), encoded.EndingBytes);
        });
    }

    [Fact]
    public void Micro_items_split_as_in_the_reference()
    {
        IReadOnlyList<MultipleChoiceItem> items = ItemFile.Read(Path.Combine(SharedFiles.Micro, "items_validation.jsonl")).Items;
        Tokenizer tokenizer = TokenizerOf(SharedFiles.MicroModel);
        JsonElement golden = JsonElement.Parse(File.ReadAllText(Path.Combine(SharedFiles.Micro, "golden.json"))).GetProperty("items");

        Assert.Equal(100, golden.GetArrayLength());
        Assert.All(golden.EnumerateArray(), (item, index) =>
            Assert.Equal(item.GetProperty("context_tokens").GetInt32(), EncodedItem.Encode(items[index], text => tokenizer.Encode(text)).Context.Length));
    }

    private static Tokenizer TokenizerOf(string path)
    {
        using ModelSource source = ModelFormats.Open(path);
        return new Tokenizer(source.Vocabulary);
    }

    private static IEnumerable<int> Integers(JsonElement golden, string field) => golden.GetProperty(field).EnumerateArray().Select(value => value.GetInt32());
}
