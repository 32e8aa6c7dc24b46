using AdaptiveKv.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.Gguf;
using AdaptiveKv.Unit.Inference.Models.HuggingFace;

namespace AdaptiveKv.Unit.Inference.Models.Fuzzing;

/// <summary>55,000 mutants of models with fixed seeds, with AKV_SLOW=1 thirty-two times as many: no unhandled exception, none over 100 ms, bounded allocation.</summary>
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

        int count = 35_000 * FuzzRun.Factor;
        (int loaded, int fields) = FuzzRun.Over(
            count, folder => folder["model.gguf"], "model.gguf", random => mutators[random.Next(2)].Mutate(random));

        // Mutants that all die at the magic, or all load, would test nothing.
        Assert.InRange(loaded, count / 20, count / 2);
        Assert.True(fields > 60, $"only {fields} different fields were refused");
    }

    [Fact]
    public void Safetensors_mutants_load_or_are_refused()
    {
        using TinyFolder folder = new();
        int count = 10_000 * FuzzRun.Factor;

        (int loaded, int fields) = FuzzRun.Over(count, Whole, "model.safetensors", new SafetensorsMutator(TinyFolder.Weights(folder.Tensors)).Mutate);

        // Nearly every change leaves a hole or an overlap: few mutants load.
        Assert.InRange(loaded, count / 200, count / 2);
        Assert.True(fields > 30, $"only {fields} different fields were refused");
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("tokenizer.json")]
    public void Json_mutants_load_or_are_refused(string name)
    {
        using TinyFolder folder = new();
        JsonMutator mutator = new((name == "config.json" ? folder.Config : folder.Tokenizer).ToJsonString());

        int count = 5_000 * FuzzRun.Factor;

        (int loaded, int fields) = FuzzRun.Over(count, Whole, name, mutator.Mutate);

        Assert.InRange(loaded, count / 100, count / 2);
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
