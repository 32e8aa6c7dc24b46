using System.Text.Json.Nodes;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.Gguf;

namespace AdaptiveKv.Unit.Inference.Models.HuggingFace;

/// <summary>tokenizer.json: vocabulary, merges, added tokens, pre-tokenizers, begin and end of text.</summary>
public sealed class FolderTokenizerTests : IDisposable
{
    private const string ByteLevel = """{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true}""";

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
            (model.Vocabulary.PreTokenizer, model.Vocabulary.BeginOfText, model.Vocabulary.EndOfText, model.Vocabulary.AddBeginOfText));
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
    public void Pre_tokenizers_are_recognized(string preTokenizer, bool ignoreMerges, string name)
    {
        folder.Tokenizer["pre_tokenizer"] = JsonNode.Parse(preTokenizer);
        Model["ignore_merges"] = ignoreMerges;

        using ModelSource model = folder.Open();

        Assert.Equal(name, model.Vocabulary.PreTokenizer);
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
    [InlineData("byte_fallback", "true", "byte-level")]
    [InlineData("dropout", "0.1", "random tokenization")]
    [InlineData("continuing_subword_prefix", "\"##\"", "not supported")]
    [InlineData("end_of_word_suffix", "\"</w>\"", "not supported")]
    [InlineData("ignore_merges", "true", "must be False")]
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

        ModelFormatException error = Assert.Throws<ModelFormatException>(() => ModelSource.Open(folder.Path));

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
    public void Added_tokens_that_strip_or_lie_outside_are_refused()
    {
        JsonObject added = folder.Tokenizer["added_tokens"]![0]!.AsObject();
        added["lstrip"] = true;
        folder.Refused("added_tokens[0].lstrip", "not supported");
        added["lstrip"] = false;
        added["id"] = 9;
        folder.Refused("added_tokens[0].<|end|>", "its id is 9");
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

    [Fact]
    public void End_of_text_comes_from_the_generation_settings_first()
    {
        folder.Write("generation_config.json", """{"eos_token_id": [3, 2]}""");
        folder.Write("tokenizer_config.json", """{"eos_token": "b", "bos_token": {"content": "c"}}""");
        folder.Config["bos_token_id"] = null;

        using ModelSource model = folder.Open();

        Assert.Equal((3, 3), (model.Vocabulary.EndOfText, model.Vocabulary.BeginOfText));
    }

    [Theory]
    [InlineData("6", "end-of-text id", "is 6")]
    [InlineData("[]", "eos_token_id", "empty list")]
    [InlineData("\"a\"", "eos_token_id", "an integer or a list")]
    public void G24_ids_are_in_the_vocabulary(string id, string field, string problem)
    {
        folder.Config["eos_token_id"] = JsonNode.Parse(id);

        folder.Refused(field, problem);
    }
}
