using System.Text.Json.Nodes;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.Unit.Inference.Models.Gguf;

namespace AdaptiveKv.Unit.Inference.Models.HuggingFace;

/// <summary>tokenizer.json: vocabulary, merges, added tokens, pre-tokenizers, begin and end of text.</summary>
public sealed class FolderTokenizerTests : IDisposable
{
    private const string ByteLevel = """{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}""";

    private const string Qwen2 = """
        {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex":
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
        "behavior": "Removed", "invert": true}, {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}
        """;

    private const string Llama3 = """
        {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex":
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"},
        "behavior": "Isolated", "invert": false}, {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}
        """;

    private readonly TinyFolder folder = new();

    public void Dispose() => folder.Dispose();

    private JsonObject Model => folder.Tokenizer["model"]!.AsObject();

    [Fact]
    public void Tokens_merges_and_specials_are_those_of_the_gguf()
    {
        using ModelSource model = folder.Open();

        Assert.Equal(TinyLlama.Tokens, model.Vocabulary.Tokens);
        Assert.Equal(TinyLlama.Merges, model.Vocabulary.Merges);
        Assert.Equal([true, false, false, false, false, false], model.Vocabulary.Special);
        Assert.Equal(
            ("smollm", 0, 0, false),
            (model.Vocabulary.PreTokenizer, model.Vocabulary.BeginOfText, model.Vocabulary.EndTokens.Single(), model.Vocabulary.AddBeginOfText));
    }

    [Fact]
    public void Merges_may_be_pairs()
    {
        Model["merges"] = JsonNode.Parse("""[["a", "b"], ["ab", "c"]]""");

        using ModelSource model = folder.Open();

        Assert.Equal(TinyLlama.Merges, model.Vocabulary.Merges);
    }

    [Theory]
    [InlineData(ByteLevel, false, "gpt-2")]
    [InlineData(Llama3, true, "llama-bpe")]
    [InlineData(Llama3, false, "llama-bpe")]
    [InlineData(Qwen2, false, "qwen2")]
    public void Pre_tokenizers_are_recognized(string preTokenizer, bool ignoreMerges, string name)
    {
        folder.Tokenizer["pre_tokenizer"] = JsonNode.Parse(preTokenizer);
        Model["ignore_merges"] = ignoreMerges;

        using ModelSource model = folder.Open();

        Assert.Equal(name, model.Vocabulary.PreTokenizer);
        Assert.Equal(name == "llama-bpe" && !ignoreMerges ? false : null, model.Vocabulary.Details.TakesWholePieces);
    }

    [Theory]
    [InlineData("""{"type": "Metaspace"}""", "Metaspace with these options is not supported")]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": true, "use_regex": true}""", "ByteLevel with these options")]
    [InlineData("""{"type": "Sequence", "pretokenizers": [{"type": "Digits"}, {"type": "ByteLevel", "add_prefix_space": false}]}""", "Digits + ByteLevel")]
    [InlineData("""{"type": "Sequence", "pretokenizers": []}""", "is not supported")]
    [InlineData("null", "missing")]
    public void Other_pre_tokenizers_are_refused_by_name(string preTokenizer, string problem)
    {
        folder.Tokenizer["pre_tokenizer"] = JsonNode.Parse(preTokenizer);

        folder.Refused("pre_tokenizer", problem);
    }

    [Theory]
    [InlineData("type", "\"Unigram\"", "only BPE")]
    [InlineData("byte_fallback", "true", "lacks tokens of single bytes")]
    [InlineData("unk_token", "\"<unk>\"", "no token of the model's vocabulary")]
    [InlineData("dropout", "0.1", "random tokenization")]
    [InlineData("continuing_subword_prefix", "\"##\"", "not supported")]
    [InlineData("end_of_word_suffix", "\"</w>\"", "not supported")]
    [InlineData("vocab", "[]", "an object is expected")]
    [InlineData("merges", "{}", "an array is expected")]
    [InlineData("merges", "[3]", "two tokens")]
    [InlineData("merges", "[[\"a\"]]", "two tokens")]
    [InlineData("merges", "[[\"a\", 1]]", "two tokens")]
    [InlineData("vocab", "{\"a\": 6}", "its id is 6; the model has the ids 0 to 5")]
    [InlineData("vocab", "{\"a\": -1}", "its id is -1")]
    [InlineData("vocab", "{\"a\": \"0\"}", "its id is -1")]
    [InlineData("vocab", "{\"a\": 1, \"b\": 1}", "its id 1 is also that of \"a\"")]
    [InlineData("vocab", "{\"a\": 0}", "its id 0 is also that of \"a\"")]
    public void Models_that_cannot_be_followed_are_refused(string name, string value, string problem)
    {
        Model[name] = JsonNode.Parse(value);
        folder.Save();

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => ModelFormats.Open(folder.Path));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[\"a\"]", "merges", "two tokens with a space")]
    [InlineData("[\"\"]", "merges", "two tokens with a space")]
    [InlineData("[\"a x\"]", "merges", "not in the vocabulary")]
    [InlineData("[[\"\", \"a\"]]", "merges", "two tokens with a space")]
    public void G24_merges_join_two_tokens_of_the_vocabulary(string merges, string field, string problem)
    {
        Model["merges"] = JsonNode.Parse(merges);

        folder.Refused(field, problem);
    }

    [Fact]
    public void Added_tokens_outside_the_vocabulary_or_under_two_ids_are_refused()
    {
        JsonObject added = folder.Tokenizer["added_tokens"]![0]!.AsObject();
        added["id"] = 9;
        folder.Refused("added_tokens[0].<|end|>", "its id is 9");
        added["content"] = "<new>";
        added["id"] = 3;
        folder.Refused("added_tokens[0].<new>", "its id 3 is also that of \"c\"");
        Model["vocab"]!.AsObject().Remove("abc");
        Model["merges"] = new JsonArray("a b");
        folder.Config["vocab_size"] = 8;
        folder.Tensors[0] = folder.Tensors[0] with { Shape = [8, 32] };
        File.Delete(folder["model.safetensors"]);
        added["id"] = 7;
        folder.Refused("added_tokens[0].<new>", "its id is 7; the reference tokenizer gives it 5");
        added["content"] = "a";
        folder.Refused("added_tokens[0].a", "its id is 7; the reference tokenizer gives it 1");
        added["content"] = "<new>";
        added["id"] = 5;
        folder.Open().Dispose();
        folder.Tokenizer["normalizer"] = TinyFolder.Parse("""{"type": "NFC"}""");
        folder.Refused("normalizer", "NFC is not supported");
    }

    [Fact]
    public void A_template_puts_begin_of_text_first()
    {
        folder.Tokenizer["post_processor"] = TinyFolder.Parse("""
            {"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<|end|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]}]}
            """);

        using ModelSource model = folder.Open();

        Assert.True(model.Vocabulary.AddBeginOfText);
        Assert.Equal(0, model.Vocabulary.BeginOfText);
    }

    [Theory]
    [InlineData("""{"type": "BertProcessing"}""")]
    [InlineData("""{"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A"}}, {"SpecialToken": {"id": "<|end|>"}}]}""")]
    [InlineData("""{"type": "TemplateProcessing", "single": []}""")]
    public void Other_post_processors_are_refused(string processor)
    {
        folder.Tokenizer["post_processor"] = JsonNode.Parse(processor);

        folder.Refused("post_processor", "supported");
    }

    [Theory]
    [InlineData("""[{"SpecialToken": {"id": "<|end|>"}}, {"Sequence": {"id": "A"}}]""", """{"<|end|>": {"id": "<|end|>", "ids": [2]}}""", 2)]
    [InlineData("""[{"Sequence": {"id": "A"}}]""", "{}", -1)]
    public void A_template_has_ids_of_its_own(string single, string own, int begin)
    {
        folder.Tokenizer["post_processor"] = new JsonObject
        {
            ["type"] = "TemplateProcessing", ["single"] = JsonNode.Parse(single), ["special_tokens"] = JsonNode.Parse(own),
        };
        folder.Config["bos_token_id"] = null;

        using ModelSource model = folder.Open();

        Assert.Equal((begin, begin >= 0), (model.Vocabulary.BeginOfText, model.Vocabulary.AddBeginOfText));
    }

    [Fact]
    public void Rules_of_the_model_are_read()
    {
        Model["fuse_unk"] = true;
        Model["ignore_merges"] = true;
        folder.Tokenizer["added_tokens"]![0]!["rstrip"] = true;
        folder.Tokenizer["normalizer"] = TinyFolder.Parse("""{"type": "Sequence", "normalizers": []}""");

        using ModelSource model = folder.Open();

        TokenizerDetails details = model.Vocabulary.Details;
        Assert.Equal((0, true, true), (details.Unknown, details.FusesUnknown, details.TakesWholePieces));
        Assert.Equal(new AddedToken { StripsRight = true }, details.Added[0]);
    }

    [Fact]
    public void Of_equal_merges_the_last_counts()
    {
        Model["merges"] = JsonNode.Parse("""["a b", "ab c", "a b"]""");

        using ModelSource model = folder.Open();

        Assert.Equal(["ab c", "a b"], model.Vocabulary.Merges);
    }
}
