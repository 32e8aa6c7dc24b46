using System.Text;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.Gguf;
using AdaptiveKv.Unit.Inference.Models.HuggingFace;

namespace AdaptiveKv.Unit.Inference.Models.Fuzzing;

/// <summary>200,000 mutants with fixed seeds: no unhandled exception, none over 100 ms, bounded allocation.</summary>
public sealed class FuzzingTests
{
    [Fact]
    public void Gguf_mutants_load_or_are_refused()
    {
        GgufBuilder rich = TinyLlama.Builder(TensorType.Q8_0)
            .Set("general.alignment", 8u)
            .Set("general.tags", (string[])["x", "yz"])
            .Set("llama.rope.scaling.type", "none")
            .Set("tokenizer.ggml.scores", new float[6])
            .Set("general.count", 5L)
            .Add(TinyLlama.Matrix("output.weight", 6, 32, TensorType.Q4_0));
        (rich.Version, rich.Alignment) = (2, 8);
        GgufMutator[] mutators = [new(TinyLlama.Builder().Build()), new(rich.Build())];

        (int loaded, int fields) = FuzzRun.Over(
            140_000, folder => folder["model.gguf"], "model.gguf", random => mutators[random.Next(2)].Mutate(random));

        // Mutants that all die at the magic, or all load, would test nothing.
        Assert.InRange(loaded, 7_000, 70_000);
        Assert.True(fields > 60, $"only {fields} different fields were refused");
    }

    [Fact]
    public void Safetensors_mutants_load_or_are_refused()
    {
        using TinyFolder folder = new();
        byte[] whole = TinyFolder.Weights(folder.Tensors);
        int headerBytes = BitConverter.ToInt32(whole);
        JsonMutator mutator = new(Encoding.UTF8.GetString(whole, 8, headerBytes));
        byte[] data = whole[(8 + headerBytes)..];

        (int loaded, int fields) = FuzzRun.Over(40_000, Whole, "model.safetensors", random =>
        {
            byte[] header = mutator.Mutate(random);
            ulong length = random.Next(8) == 0
                ? Mutation.Boundary(random, (ulong)header.Length, (ulong)data.Length, 8)
                : (ulong)header.Length;
            return [.. BitConverter.GetBytes(length), .. header, .. data];
        });

        // Nearly every change leaves a hole or an overlap: few mutants load.
        Assert.InRange(loaded, 200, 20_000);
        Assert.True(fields > 30, $"only {fields} different fields were refused");
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    public void Json_mutants_load_or_are_refused(string name)
    {
        using TinyFolder folder = new();
        JsonMutator mutator = new((name == "config.json" ? folder.Config : folder.Tokenizer).ToJsonString());

        (int loaded, int fields) = FuzzRun.Over(10_000, Whole, name, mutator.Mutate);

        Assert.InRange(loaded, 100, 5_000);
        Assert.True(fields > 20, $"only {fields} different fields were refused");
    }

    private static string Whole(TemporaryFolder copy)
    {
        using TinyFolder folder = new();
        foreach (string file in Directory.GetFiles(folder.Save().Path))
        {
            File.Copy(file, copy[Path.GetFileName(file)]);
        }

        return copy.Path;
    }
}
