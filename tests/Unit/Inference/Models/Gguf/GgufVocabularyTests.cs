using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.Gguf;

namespace AdaptiveKv.Unit.Inference.Models.Gguf;

/// <summary>Tokens, their types, merges and ids (G9, G24).</summary>
public sealed class GgufVocabularyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Duplicate_tokens_load()
    {
        GgufBuilder builder = TinyLlama.Builder()
            .Set("tokenizer.ggml.tokens", (string[])["<|end|>", "a", "b", "c", "ab", "abc", "a", "abc"])
            .Set("tokenizer.ggml.token_type", (int[])[3, 1, 1, 1, 1, 1, 4, 5]).Without("llama.vocab_size")
            .Change("token_embd.weight", tensor => TinyLlama.Matrix(tensor.Name, 8, 32, TensorType.F16));

        using ModelSource model = Opened(builder);

        Assert.Equal(8, model.Shape.Vocabulary);
        Assert.Equal([true, false, false, false, false, false, true, false], model.Vocabulary.Special);
    }

    [Fact]
    public void Optional_keys_have_defaults()
    {
        using ModelSource model = Opened(TinyLlama.Builder().Without("tokenizer.ggml.token_type").Without("tokenizer.ggml.bos_token_id")
            .Without("tokenizer.ggml.eos_token_id").Without("tokenizer.ggml.add_bos_token"));

        Assert.Equal([true, false, false, false, false, false], model.Vocabulary.Special); // <|end|> ends a text by its name.
        Assert.Equal((-1, 1, false), (model.Vocabulary.BeginOfText, model.Vocabulary.EndTokens.Count, model.Vocabulary.AddBeginOfText));
    }

    [Fact]
    public void Llama_3_texts_start_with_begin_of_text_by_default()
    {
        using ModelSource model = Opened(
            TinyLlama.Builder().Set("tokenizer.ggml.pre", "llama-bpe").Without("tokenizer.ggml.add_bos_token"));

        Assert.True(model.Vocabulary.AddBeginOfText);
    }

    [Fact]
    public void Other_tokenizers_are_refused_by_name()
    {
        Refusal.Of(TinyLlama.Builder().Set("tokenizer.ggml.model", "llama"), "tokenizer.ggml.model", "is \"llama\"; only \"gpt2\"");
        Refusal.Of(TinyLlama.Builder().Set("tokenizer.ggml.pre", "tekken"), "tokenizer.ggml.pre", "'tekken' is unknown; expected one of smollm");
        Refusal.Of(TinyLlama.Builder().Without("tokenizer.ggml.merges"), "tokenizer.ggml.merges", "missing");
    }

    [Fact]
    public void G9_lengths_and_element_types_agree()
    {
        Refusal.Of(
            TinyLlama.Builder().Set("tokenizer.ggml.token_type", (int[])[3, 1]),
            "tokenizer.ggml.token_type",
            "has 2 elements; there are 6 tokens");
        Refusal.Of(TinyLlama.Builder().Set("tokenizer.ggml.scores", (float[])[1f]), "tokenizer.ggml.scores", "has 1 elements");
        Refusal.Of(TinyLlama.Builder().Set("tokenizer.ggml.scores", 1f), "tokenizer.ggml.scores", "is Float32; an array is expected");
        Refusal.Of(
            TinyLlama.Builder().Set("tokenizer.ggml.token_type", (float[])[3, 1, 1, 1, 1, 1]),
            "tokenizer.ggml.token_type",
            "an array of Float32");
        Refusal.Of(
            TinyLlama.Builder().Set("tokenizer.ggml.tokens", (int[])[1]),
            "tokenizer.ggml.tokens",
            "an array of Int32; an array of strings");
        Refusal.Of(
            TinyLlama.Builder().Set("tokenizer.ggml.tokens", (string[])["a"]).Without("tokenizer.ggml.token_type"),
            "merges",
            "not in the vocabulary");
        Refusal.Of(TinyLlama.Builder().Set("llama.vocab_size", 7u), "llama.vocab_size", "must be 6, the number of tokens");
        Refusal.Of(
            TinyLlama.Builder().Set("tokenizer.ggml.token_type", (int[])[3, 1, 1, 1, 1, 9]),
            "tokenizer.ggml.token_type",
            "token 5 has the type 9");
        Refusal.Of(TinyLlama.Builder().Set("tokenizer.ggml.add_bos_token", 1u), "tokenizer.ggml.add_bos_token", "a bool is expected");
    }

    [Theory]
    [InlineData("tokenizer.ggml.bos_token_id", 6u)]
    [InlineData("tokenizer.ggml.eos_token_id", 6u)]
    [InlineData("tokenizer.ggml.eot_token_id", uint.MaxValue)]
    [InlineData("tokenizer.ggml.eom_token_id", -1)]
    public void An_id_that_no_token_has_is_none_with_a_note(string key, object value)
    {
        using ModelSource model = Opened(TinyLlama.Builder().Set("tokenizer.ggml.eos_token_id", 0u).Set(key, value));

        Assert.Contains($"{key} is {value}; the vocabulary has the ids 0 to 5: taken as none", Assert.Single(model.Notes), StringComparison.Ordinal);
        Assert.Equal([0], model.Vocabulary.EndTokens);
        Assert.Equal(key.Contains("bos", StringComparison.Ordinal) ? -1 : 0, model.Vocabulary.BeginOfText);
    }

    [Fact]
    public void Texts_start_without_a_begin_of_text_that_no_token_is()
    {
        using ModelSource model = Opened(TinyLlama.Builder().Set("tokenizer.ggml.bos_token_id", 99u).Set("tokenizer.ggml.add_bos_token", true));

        Assert.False(model.Vocabulary.AddBeginOfText);
        Assert.Equal(2, model.Notes.Count);
    }

    [Fact]
    public void Ends_are_those_of_all_keys_and_the_markers()
    {
        using ModelSource keys = Opened(TinyLlama.Builder().Set("tokenizer.ggml.eot_token_id", 4u).Set("tokenizer.ggml.eom_token_id", 5u));
        using ModelSource list = Opened(TinyLlama.Builder().Set("tokenizer.ggml.eos_token_id", (int[])[5, 1, 5]));
        using ModelSource marker = Opened(TinyLlama.Builder()
            .Set("tokenizer.ggml.tokens", (string[])["<|eot_id|>", "a", "b", "c", "ab", "abc"]).Without("tokenizer.ggml.token_type")
            .Set("tokenizer.ggml.eos_token_id", 3u));

        Assert.Equal([0, 4, 5], keys.Vocabulary.EndTokens);
        Assert.Equal([5, 1, 0], list.Vocabulary.EndTokens);
        Assert.Equal([3, 0], marker.Vocabulary.EndTokens);
        Assert.Equal([true, false, false, false, false, false], marker.Vocabulary.Special);
    }

    [Theory]
    [InlineData("<|end|>,<|return|>,<|call|>", "1,2")]
    [InlineData("<|end|>,<|flush|>,<|calls|>", "1,2")]
    [InlineData("<|end|>,<|return|>,x", "0,1")]
    public void An_end_of_message_is_no_end_where_a_call_has_a_token(string markers, string ends)
    {
        using ModelSource model = Opened(TinyLlama.Builder().Set("tokenizer.ggml.tokens", (string[])[.. markers.Split(','), "a", "b", "ab"])
            .Set("tokenizer.ggml.merges", (string[])["a b"]).Set("tokenizer.ggml.token_type", (int[])[3, 3, 3, 1, 1, 1]).Without("tokenizer.ggml.eos_token_id"));

        Assert.Equal(ends.Split(',').Select(int.Parse), model.Vocabulary.EndTokens);
    }

    [Theory]
    [InlineData("llama3", true)]
    [InlineData("llama-v3", true)]
    [InlineData("llama-bpe", true)]
    [InlineData("smaug-bpe", false)]
    [InlineData("gpt-2", false)]
    [InlineData("phi-2", false)]
    [InlineData("qwen2", false)]
    [InlineData("deepseek-r1-qwen", false)]
    [InlineData("starcoder", false)]
    [InlineData("default", false)]
    public void Names_of_one_rule_load_as_llama_cpp_does(string name, bool begins)
    {
        using ModelSource model = Opened(TinyLlama.Builder().Set("tokenizer.ggml.pre", name).Without("tokenizer.ggml.add_bos_token"));

        Assert.Equal((name, begins), (model.Vocabulary.PreTokenizer, model.Vocabulary.AddBeginOfText));
    }

    [Fact]
    public void Without_a_name_the_default_rule_is_taken_with_a_note()
    {
        using ModelSource model = Opened(TinyLlama.Builder().Without("tokenizer.ggml.pre"));

        Assert.Equal("default", model.Vocabulary.PreTokenizer);
        Assert.Contains("tokenizer.ggml.pre is missing", Assert.Single(model.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "is no JSON of this program")]
    [InlineData("[]", "is no JSON of this program")]
    [InlineData("null", "lacks members")]
    [InlineData("{}", "lacks members")]
    [InlineData("""{"end_tokens": [6], "details": {}}""", "ids outside 0 to 5")]
    [InlineData("""{"end_tokens": [], "details": {"unknown": 6}}""", "ids outside 0 to 5")]
    [InlineData("""{"end_tokens": [], "details": {"added": {"-1": {}}}}""", "ids outside 0 to 5")]
    [InlineData("""{"end_tokens": [], "details": {"added": {"1": null}}}""", "lacks members")]
    [InlineData("""{"end_tokens": [], "details": {"added": null}}""", "lacks members")]
    public void Details_of_our_own_are_read_strictly(string json, string problem) =>
        Refusal.Of(TinyLlama.Builder().Set("akv.tokenizer", json), "akv.tokenizer", problem);

    [Fact]
    public void G24_a_begin_of_text_that_is_asked_for_exists() =>
        Refusal.Of(
            TinyLlama.Builder().Without("tokenizer.ggml.bos_token_id").Set("tokenizer.ggml.add_bos_token", true),
            "begin-of-text id",
            "missing");

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a")]
    [InlineData("a ")]
    [InlineData(" a")]
    public void G24_a_merge_joins_two_tokens(string merge) =>
        Refusal.Of(TinyLlama.Builder().Set("tokenizer.ggml.merges", (string[])["a b", merge]), "merges", "merge 1 is \"" + merge);

    [Theory]
    [InlineData("a x")]
    [InlineData("x a")]
    [InlineData("b c")]
    [InlineData("a b c")]
    public void G24_merges_stay_in_the_vocabulary(string merge) =>
        Refusal.Of(TinyLlama.Builder().Set("tokenizer.ggml.merges", (string[])[merge]), "merges", "not in the vocabulary");

    [Fact]
    public void G24_bad_utf8_is_refused_where_it_is_read_and_ignored_where_it_is_not()
    {
        byte[] bad = [.. BitConverter.GetBytes(2ul), 0xC3, 0x28];
        byte[] tokens = [.. GgufBuilder.ArrayOf(GgufValueType.String, 1), .. bad];

        Refusal.Of(
            TinyLlama.Builder().Without("tokenizer.ggml.tokens").Append("tokenizer.ggml.tokens", tokens),
            "tokenizer.ggml.tokens",
            "not valid UTF-8");
        using ModelSource model = Opened(TinyLlama.Builder().Append("general.author", GgufBuilder.Id(GgufValueType.String), bad));
        Assert.Equal(6, model.Vocabulary.Tokens.Count);
    }

    private ModelSource Opened(GgufBuilder builder) => ModelFormats.Open(folder.Write("model.gguf", builder.Build()));
}
