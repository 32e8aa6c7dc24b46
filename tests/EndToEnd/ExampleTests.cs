using System.Diagnostics;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>The examples do what they say, run as README shows them.</summary>
public sealed class ExampleTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("picture.png", "\u0089PNG")]
    [InlineData("picture.svg", "<?xml")]
    public async Task ADatasetIsExploredAsADataFrame(string picture, string start)
    {
        string dataset = Dataset();

        (int code, string output, string error) = await Run("run", "-c", "Release", "examples/explore.cs", dataset, folder.PathOf(picture));

        Assert.SkipWhen(error.Contains("NU1301", StringComparison.Ordinal) || output.Contains("NU1301", StringComparison.Ordinal), "needs the packages of the example, which cannot be fetched here");
        Assert.True(code == 0, output + error);
        Assert.Contains("tokens of 40 items", output, StringComparison.Ordinal);
        Assert.Contains("area under the ROC curve 0.", output, StringComparison.Ordinal);
        byte[] drawn = File.ReadAllBytes(folder.PathOf(picture));
        Assert.True(drawn.Length > 5000, $"{drawn.Length} bytes");
        Assert.Equal(start, string.Concat(drawn.Take(start.Length).Select(value => (char)value)));
    }

    [Fact]
    public async Task ATextIsContinuedUnderAPolicy()
    {
        (int code, string output, string error) = await Run("run", "-c", "Release", "examples/generate.cs", SharedFiles.MicroModel, "The red box");

        Assert.True(code == 0, output + error);
        Assert.Contains("static-16: The red box", output, StringComparison.Ordinal);
        Assert.Contains(" bits for each number that is cached", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AControllerIsTrainedByAnEstimator()
    {
        string controller = folder.PathOf("controller.safetensors");

        (int code, string output, string error) = await Run("run", "-c", "Release", "examples/train.cs", Dataset(), controller);

        Assert.SkipWhen(error.Contains("libtorch", StringComparison.Ordinal), "needs libtorch");
        Assert.True(code == 0, output + error);
        Assert.Contains("accuracy 0.", output, StringComparison.Ordinal);
        Done("generate", "--model", SharedFiles.MicroModel, "--prompt", "The red box", "--max-tokens", "8", "--controller", controller);
    }

    private string Dataset()
    {
        string items = folder.PathOf("c/items"), tokens = folder.PathOf("c/tokens"), dataset = folder.PathOf("d/dataset.parquet");
        Done("collect", "--model", SharedFiles.MicroModel, "--data", Path.Combine(SharedFiles.Micro, "items_train.jsonl"), "--limit", "40", "--samples", "8", "--tiers", "2,3,4,8",
            "--tokens", tokens, "--items", items, "--rarity", folder.PathOf("c/rarity.safetensors"), "--summary", folder.PathOf("c/summary.json"));
        Done("dataset", "--tokens", tokens, "--items", items, "--target-bits", "3", "--labels", "counterfactual", "--tiers", "2,3,4,8", "--dataset", dataset, "--summary", folder.PathOf("d/summary.json"));
        return dataset;
    }

    private static void Done(params string[] arguments)
    {
        Outcome outcome = Akv.Run(arguments);
        Assert.True(outcome.Code == 0, outcome.Error);
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        ProcessStartInfo start = new(Akv.DotNet, arguments) { WorkingDirectory = SharedFiles.Repository, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await output, await error);
    }
}
