using System.IO.Compression;
using System.Text.Json;
using AdaptiveKv.Inference.Models.HuggingFace;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Inference.Tokenization;

/// <summary>Ids of thousands of texts by the Hugging Face tokenizers library; eng/tokenizers/make.sh made them.</summary>
public sealed class ReferenceIdsTests
{
    private static readonly Lazy<JsonElement> Reference = new(() =>
    {
        string path = Path.Combine(SharedFiles.Repository, "tests", "Unit", "Inference", "Tokenization", "reference.json.br");
        using BrotliStream unpacked = new(File.OpenRead(path), CompressionMode.Decompress);
        return JsonDocument.Parse(unpacked).RootElement;
    });

    public static TheoryData<string> Names => [.. Tokenizers.Select(tokenizer => tokenizer.GetProperty("name").GetString()!)];

    private static IEnumerable<JsonElement> Tokenizers => Reference.Value.GetProperty("tokenizers").EnumerateArray();

    private static string[] Texts { get; } = Reference.Value.GetProperty("texts").Deserialize<string[]>()!;

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_text_has_the_ids_of_the_reference(string name)
    {
        JsonElement expected = Tokenizers.Single(tokenizer => tokenizer.GetProperty("name").GetString() == name);
        Tokenizer tokenizer = expected.GetProperty("tokenizer") is { ValueKind: JsonValueKind.Object } json ? Read(json) : SampleTokenizers.SmolLm;
        int[][] ids = expected.GetProperty("ids").Deserialize<int[][]>()!;

        Assert.Equal(expected.GetProperty("texts").GetInt32(), ids.Length);
        Assert.All(Texts.Zip(ids), text => Assert.Equal(text.Second, tokenizer.Encode(text.First)));
    }

    [Fact]
    public void The_texts_are_many_and_of_every_kind_of_rule()
    {
        Assert.True(Texts.Length >= 5000);
        Assert.Subset(Names.Select(row => row.Data).ToHashSet(), new HashSet<string> { "gpt-2", "smollm", "llama-bpe", "qwen2" });
    }

    private static Tokenizer Read(JsonElement tokenizer)
    {
        using TemporaryFolder folder = new();
        folder.Write("tokenizer.json", tokenizer.GetRawText());
        JsonElement.ArrayEnumerator added = tokenizer.GetProperty("added_tokens").EnumerateArray();
        int largest = added.Select(token => token.GetProperty("id").GetInt32())
            .Concat(tokenizer.GetProperty("model").GetProperty("vocab").EnumerateObject().Select(token => token.Value.GetInt32())).Max();
        using JsonDocument config = JsonDocument.Parse("{}");
        List<string> remarks = [];
        Tokenizer read = new(FolderTokenizer.Read(folder.Path, new JsonFields("config.json", config.RootElement), largest + 1, remarks));
        Assert.Empty(remarks);
        return read;
    }
}
