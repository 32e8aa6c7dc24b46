using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Inference.Models.Gguf;

/// <summary>A model that was split into files loads as one, whichever of them is given.</summary>
public sealed class GgufShardsTests : IDisposable
{
    private const int Parts = 3;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_part_opens_the_whole_model(int given)
    {
        Write((_, part) => part);
        using ModelSource whole = ModelFormats.Open(folder.Write("whole.gguf", TinyLlama.Builder().Build()));

        using ModelSource split = ModelFormats.Open(folder[Name(given)]);

        Assert.Equal(whole.Shape, split.Shape);
        Assert.Equal(whole.Vocabulary.Tokens, split.Vocabulary.Tokens);
        Assert.Equal(whole.Tensors.Keys.Order(), split.Tensors.Keys.Order());
        Assert.All(whole.Tensors.Keys, name => Assert.Equal(Floats.Of(whole, name), Floats.Of(split, name)));
        using ModelSource first = ModelFormats.Open(folder[Name(1)]);
        Assert.Equal(first.Sha256, split.Sha256);
    }

    [Fact]
    public void A_missing_part_is_named()
    {
        Write((_, part) => part);
        File.Delete(folder[Name(2)]);

        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => ModelFormats.Open(folder[Name(3)]));

        Assert.StartsWith($"{folder[Name(2)]}: part 2 of 3 of this model is missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_under_another_name_is_refused_with_the_name_it_needs()
    {
        Write((_, part) => part);
        File.Copy(folder[Name(2)], folder["renamed.gguf"]);
        File.Copy(folder[Name(2)], folder["tiny-00001-of-00002.gguf"]);

        Refusal.Of(folder["renamed.gguf"], "split.no", "part 2 of 3 of a model; its parts are found by their names, NAME-00002-of-00003.gguf");
        Refusal.Of(folder["tiny-00001-of-00002.gguf"], "split.no", "part 2 of 3");
    }

    [Fact]
    public void Parts_that_do_not_belong_together_are_refused()
    {
        Write((number, part) => number == 2 ? part.Set("split.count", (ushort)4) : part);
        Refusal.Of(folder[Name(1)], "split.count", "is 4; it must be 3");
        Write((number, part) => number == 2 ? part.Set("split.no", (ushort)2) : part);
        Refusal.Of(folder[Name(1)], "split.no", "is 2; it must be 1");
        Write((number, part) => number == 2 ? part.Without("split.no") : part);
        Refusal.Of(folder[Name(1)], "split.no", "missing");
        Write((_, part) => part.Set("split.tensors.count", 99));
        Refusal.Of(folder[Name(1)], "split.tensors.count", "is 99; it must be 11, the number of tensors in all parts");
        Write((number, part) => number == 1 ? part.Add(TinyLlama.Norm("output_norm.weight", 32)) : part);
        Refusal.Of(folder[Name(1)], "split.tensors.count", "is 11; it must be 12");
        Write((number, part) => (number == 1 ? part.Add(TinyLlama.Norm("output_norm.weight", 32)) : part).Without("split.tensors.count"));
        Refusal.Of(folder[Name(1)], "output_norm.weight", "in two parts");
    }

    [Fact]
    public void A_part_of_another_kind_is_refused_by_name()
    {
        Write((_, part) => part);
        folder.Write(Name(3), "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");

        Refusal.Of(folder[Name(1)], "magic", "git-lfs pointer");
    }

    [Theory]
    [InlineData("micro-00001-of-00002.gguf")]
    [InlineData("micro-00002-of-00002.gguf")]
    public void The_parts_of_the_published_case_are_the_micro_model(string given)
    {
        using ModelSource micro = ModelFormats.Open(SharedFiles.MicroModel);
        using ModelSource split = ModelFormats.Open(SharedFiles.Require($"cases/field/split/{given}"));

        Assert.Equal(micro.Shape, split.Shape);
        Assert.All(micro.Tensors.Keys, name => Assert.Equal(Floats.Of(micro, name), Floats.Of(split, name)));
    }

    private static string Name(int number) => $"tiny-{number:D5}-of-{Parts:D5}.gguf";

    /// <summary>TinyLlama with its keys in the first part and its tensors dealt out.</summary>
    private void Write(Func<int, GgufBuilder, GgufBuilder> change)
    {
        using ModelSource whole = ModelFormats.Open(folder.Write("all.gguf", TinyLlama.Builder().Build()));
        string[] names = [.. whole.Tensors.Keys];
        for (int number = 1; number <= Parts; number++)
        {
            GgufBuilder part = number == 1 ? TinyLlama.Builder() : TinyLlama.Builder().WithoutKeys();
            part.Set("split.no", (ushort)(number - 1)).Set("split.count", (ushort)Parts).Set("split.tensors.count", names.Length);
            foreach (string other in names.Where((_, place) => place % Parts != number - 1))
            {
                part.WithoutTensor(other);
            }

            folder.Write(Name(number), change(number, part).Build());
        }
    }
}
