using System.Diagnostics;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>The examples do what they say, run as README shows them.</summary>
public sealed class ExampleTests(ExampleDataset dataset) : IClassFixture<ExampleDataset>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    [Theory]
    [InlineData("picture.png", "\u0089PNG")]
    [InlineData("picture.svg", "<?xml")]
    public async Task ADatasetIsExploredAsADataFrame(string picture, string start)
    {
        (int code, string output, string error) = await Run("run", "-c", "Release", "examples/explore.cs", dataset.Path, dataset.PathOf(picture));

        Assert.SkipWhen(error.Contains("NU1301", StringComparison.Ordinal) || output.Contains("NU1301", StringComparison.Ordinal), "needs the packages of the example, which cannot be fetched here");
        Assert.True(code == 0, output + error);
        Assert.Contains("tokens of 40 items", output, StringComparison.Ordinal);
        Assert.Contains("area under the ROC curve 0.", output, StringComparison.Ordinal);
        byte[] drawn = File.ReadAllBytes(dataset.PathOf(picture));
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
    public async Task AChatClientAnswersTwice()
    {
        string model = Directory.CreateDirectory(dataset.PathOf("chat")).FullName;
        foreach (string file in Directory.GetFiles(Path.Combine(SharedFiles.Micro, "hf")))
        {
            File.Copy(file, Path.Combine(model, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant: ");

        (int code, string output, string error) = await Run("run", "-c", "Release", "examples/chat-client.cs", model);

        Assert.True(code == 0, output + error);
        Assert.Matches(@"And of Italy\? .* \[[1-9]\d+ of \d+ tokens were in the cache, which has \d+\.\d\d bits per element\]", output);
    }

    [Fact]
    public async Task AControllerIsTrainedByAnEstimator()
    {
        string controller = dataset.PathOf("controller.safetensors");

        (int code, string output, string error) = await Run("run", "-c", "Release", "examples/train.cs", dataset.Path, controller);

        Assert.SkipWhen(error.Contains("libtorch", StringComparison.Ordinal), "needs libtorch");
        Assert.True(code == 0, output + error);
        Assert.Contains("accuracy 0.", output, StringComparison.Ordinal);
        Assert.Equal(0, Akv.Run("generate", "--model", SharedFiles.MicroModel, "--prompt", "The red box", "--max-tokens", "8", "--controller", controller).Code);
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        ProcessStartInfo start = new(Akv.DotNet, arguments) { WorkingDirectory = SharedFiles.Repository, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = ChildProcess.Start(start);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await output, await error);
    }
}
