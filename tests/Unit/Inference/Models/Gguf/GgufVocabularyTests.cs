using AdaptiveKv.Inference.Models;
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

        Assert.DoesNotContain(true, model.Vocabulary.Special);
        Assert.Equal((-1, -1, false), (model.Vocabulary.BeginOfText, model.Vocabulary.EndOfText, model.Vocabulary.AddBeginOfText));
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
        Refusal.Of(TinyLlama.Builder().Without("tokenizer.ggml.pre"), "tokenizer.ggml.pre", "missing");
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
    [InlineData("tokenizer.ggml.bos_token_id", "begin-of-text id")]
    [InlineData("tokenizer.ggml.eos_token_id", "end-of-text id")]
    public void G24_ids_are_in_the_vocabulary(string key, string field) =>
        Refusal.Of(TinyLlama.Builder().Set(key, 6u), field, "is 6; the vocabulary has the ids 0 to 5");

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

    private ModelSource Opened(GgufBuilder builder) => ModelSource.Open(folder.Write("model.gguf", builder.Build()));
}
