using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Inference.Models;

/// <summary>The must-load set: too strict a reader is as wrong as one that trusts too much.</summary>
public sealed class ModelSourceTests
{
    [Fact]
    public void Micro_gguf_opens_with_its_shape()
    {
        using ModelSource model = ModelFormats.Open(SharedFiles.MicroModel);

        Assert.Equal(
            new LlamaShape(3, 128, 320, 4, 2, 64, 640, 1024, 10000f, 1e-5f, RotaryLayout.Interleaved, TiedOutput: true), model.Shape);
        Assert.Equal(29, model.Tensors.Count);
        Assert.Equal("smollm", model.Vocabulary.PreTokenizer);
        Assert.Equal((0, 0, false), (model.Vocabulary.BeginOfText, model.Vocabulary.EndTokens.Single(), model.Vocabulary.AddBeginOfText));
        Assert.Equal(640, model.Vocabulary.Tokens.Count);
        Assert.Equal(354, model.Vocabulary.Merges.Count);
        Assert.Equal([0], Enumerable.Range(0, 640).Where(id => model.Vocabulary.Special[id]));
    }

    [Fact]
    public void Micro_folder_holds_what_the_gguf_holds()
    {
        using ModelSource gguf = ModelFormats.Open(SharedFiles.MicroModel);
        using ModelSource folder = ModelFormats.Open(Path.Combine(SharedFiles.Micro, "hf"));

        Assert.Equal(gguf.Shape with { RotaryLayout = RotaryLayout.Halves }, folder.Shape);
        Assert.Equal(gguf.Tensors.Keys.Order(), folder.Tensors.Keys.Order());
        Assert.Equal(gguf.Vocabulary.Merges, folder.Vocabulary.Merges);
        Assert.Equal(gguf.Vocabulary.Special, folder.Vocabulary.Special);
        Assert.Equal(gguf.Vocabulary.Tokens.Take(611), folder.Vocabulary.Tokens.Take(611));
        Assert.Equal("[PAD639]", folder.Vocabulary.Tokens[639]);
        Assert.Equal(gguf.Vocabulary.EndTokens, folder.Vocabulary.EndTokens);
        Assert.Equal(gguf.Vocabulary.Details.Added, folder.Vocabulary.Details.Added);
        Assert.Equal(Rest(gguf.Vocabulary), Rest(folder.Vocabulary));
        Assert.Equal(Floats.Of(gguf, "blk.1.ffn_down.weight"), Floats.Of(folder, "blk.1.ffn_down.weight"));
        Assert.Equal(Floats.Of(gguf, "token_embd.weight"), Floats.Of(folder, "token_embd.weight"));
    }

    // What equals by its value alone: lists and tables are compared by their elements.
    private static (string PreTokenizer, int? Begin, bool Adds, TokenizerDetails Details) Rest(TokenizerDefinition vocabulary) => (
        vocabulary.PreTokenizer, vocabulary.BeginOfText, vocabulary.AddBeginOfText, vocabulary.Details with { Added = TokenizerDetails.Usual.Added });

    [Fact]
    public void Real_model_opens()
    {
        using ModelSource model = ModelFormats.Open(SharedFiles.SmolLm);

        Assert.Equal(
            new LlamaShape(30, 576, 1536, 9, 3, 64, 49152, 8192, 100000f, 1e-5f, RotaryLayout.Interleaved, TiedOutput: true), model.Shape);
        Assert.Equal(272, model.Tensors.Count);
        Assert.Equal(TensorType.Q8_0, model.Tensors["token_embd.weight"].Type);
        Assert.Equal(TensorType.Q4_1, model.Tensors["blk.29.ffn_down.weight"].Type);
        Assert.Equal(1, model.Vocabulary.BeginOfText);
        Assert.Equal([2, 0], model.Vocabulary.EndTokens);
        Assert.Equal(48900, model.Vocabulary.Merges.Count);
    }
}
