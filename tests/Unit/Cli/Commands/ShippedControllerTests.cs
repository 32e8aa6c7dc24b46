using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Files;
using AdaptiveKv.Files.Safetensors;
using AdaptiveKv.Inference;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary>The controllers in assets/controllers: small, of the model that names their folder, and taken where none is given.</summary>
public sealed class ShippedControllerTests : IDisposable
{
    private const long MostBytes = 200_000;

    private readonly TestTerminal terminal = new();

    public static TheoryData<string> Models => [.. Directory.GetDirectories(Path.Combine(AppContext.BaseDirectory, "controllers")).Select(folder => Path.GetFileName(folder))];

    public void Dispose() => terminal.Dispose();

    [Theory]
    [MemberData(nameof(Models))]
    public void EachIsSmallAndOfTheModelThatNamesItsFolder(string folder)
    {
        ShippedController shipped = Assert.IsType<ShippedController>(ShippedController.Find(folder));
        string model = ControllerFile.Read(shipped.Controller).Controller.Record.ModelSha256;

        Assert.InRange(new FileInfo(shipped.Controller).Length + new FileInfo(shipped.Transform).Length, 1, MostBytes);
        Assert.StartsWith(folder, model, StringComparison.Ordinal);
        using ModelFile file = ModelFile.Open(shipped.Transform);
        Assert.Equal(model, SafetensorsReader.Read(file).Metadata["model_sha256"]);
    }

    [Fact]
    public void NoneShipsForAnUnknownModel() => Assert.Null(ShippedController.Find(new string('0', 64)));

    [Theory]
    [InlineData("--target-bits", "3")]
    [InlineData("--policy", "learned-3+recent8")]
    [InlineData("--kv-budget", "1MB")]
    public void ItIsTakenWhereNoneIsGiven(string option, string value)
    {
        string model = SharedFiles.SmolLm;
        ShippedController shipped = Shipped(model);
        string named = Generate(model, option, value, "--controller", shipped.Controller, "--transform", shipped.Transform);
        Assert.DoesNotContain(terminal.ErrorLines, line => line.Contains("ships", StringComparison.Ordinal));

        Assert.Equal(named, Generate(model, option, value));
        Assert.Contains("controller: the one that ships for this model, with its transform; --controller takes another", terminal.ErrorLines);
    }

    [Fact]
    public void WithAnotherCodeItComesWithoutItsTransform()
    {
        string model = SharedFiles.SmolLm;

        Assert.Equal(
            Generate(model, "--target-bits", "3", "--code", "hadamard", "--controller", Shipped(model).Controller),
            Generate(model, "--target-bits", "3", "--code", "hadamard"));
        Assert.Contains("controller: the one that ships for this model; --controller takes another", terminal.ErrorLines);
    }

    [Fact]
    public void TheLibraryTakesIt()
    {
        using AkvModel model = AkvModel.Load(SharedFiles.SmolLm);
        ShippedController shipped = Shipped(SharedFiles.SmolLm);
        OpenOptions sizes = new() { MaxTokens = 64 };

        Assert.Equal(
            Text(sizes with { Controller = shipped.Controller, Transform = shipped.Transform }),
            Text(sizes));

        (string Text, double Bits) Text(OpenOptions options)
        {
            using AdaptiveSession session = model.Open("learned-3", options);
            Generation generation = session.Generate("The capital of France is", new GenerationOptions { MaxTokens = 24 });
            return (string.Concat(generation), session.Statistics().EffectiveBits);
        }
    }

    private static ShippedController Shipped(string model)
    {
        using AkvModel loaded = AkvModel.Load(model);
        return Assert.IsType<ShippedController>(ShippedController.Find(loaded.Weights.Sha256));
    }

    private string Generate(string model, params string[] options)
    {
        string before = terminal.Output;
        Assert.Equal(ExitCode.Done, CommandLine.Run(["generate", "--model", model, "-p", "The capital of France is", "--max-tokens", "24", "--show-bits", .. options], terminal.Terminal));
        return terminal.Output[before.Length..];
    }
}
