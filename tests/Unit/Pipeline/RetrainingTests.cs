using System.Diagnostics;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Pipeline;

/// <summary>eng/retrain.sh as a CI runs it, over the fake pipeline in a repository of its own.</summary>
public sealed class RetrainingTests : IDisposable
{
    private const string Thresholds = "thresholds:\n  policies.static.accuracy: {min: 0.45, max-drop: 0.01}\n  policies.static.loss: {max-rise: 0.02}\n";

    private readonly DemoPipeline demo = new();

    public RetrainingTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs bash");
        Directory.CreateDirectory(demo["eng"]);
        File.Copy(Path.Combine(SharedFiles.Repository, "eng", "retrain.sh"), demo["eng/retrain.sh"]);
        File.WriteAllText(demo["thresholds.yaml"], Thresholds);
        File.WriteAllText(demo[".gitignore"], "artifacts/\nkept/\nretrain.md\n");
        Git("init", "--quiet", "--initial-branch=main");
        Git("add", ".");
        Commit("first");
    }

    public void Dispose() => demo.Dispose();

    [Fact]
    public void AHarmlessChangePasses()
    {
        Edit("epochs: 3", "epochs: 3\n      lr: 0.005");

        (int code, string report) = Retrain();

        Assert.Equal(0, code);
        Assert.StartsWith("## Retraining demo\n\nCompared with `main` (", report, StringComparison.Ordinal);
        Assert.Contains("| policies.static.accuracy | 0.499 | 0.495 | -0.004 | -0.8 | - | worse |\n", report, StringComparison.Ordinal);
        Assert.EndsWith("\nAll rules hold.\n", report, StringComparison.Ordinal);
        Assert.Single(Git("worktree", "list").Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void ARegressionIsCaught()
    {
        (int code, string report) = Retrain("--", "-S", "train.lr=0.03");

        Assert.Equal(3, code);
        Assert.Contains("| policies.static.accuracy | 0.47 | 0.499 | at most 0.01 below the baseline | FAILED |\n", report, StringComparison.Ordinal);
        Assert.EndsWith("\n**Some rules are broken.**\n", report, StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralMetricsAreJudgedEachByItsThresholds()
    {
        File.WriteAllText(demo["strict.yaml"], "thresholds:\n  policies.static.accuracy: {min: 0.9}\n");

        (int code, string report) = Run(
            "--pipeline", "pipelines/demo.yaml", "--base", "main",
            "--metrics", "artifacts/demo/evaluate/metrics.json", "--thresholds", "strict.yaml", "--metrics", "artifacts/demo/evaluate/metrics.json", "--thresholds", "thresholds.yaml");

        Assert.Equal(3, code);
        Assert.Equal(2, report.Split("\n### artifacts/demo/evaluate/metrics.json\n").Length - 1);
        Assert.Contains("| at least 0.9 | FAILED |\n", report, StringComparison.Ordinal);
        Assert.Contains("| at least 0.45 | ok |\n", report, StringComparison.Ordinal);
        Assert.EndsWith("\n**Some rules are broken.**\n", report, StringComparison.Ordinal);
    }

    [Fact]
    public void ABaseThatIsKeptIsNotMadeAgain()
    {
        string[] cache = ["--cache", demo["kept"]];
        string report = Retrain(cache).Report;
        string metrics = Directory.GetFiles(demo["kept"], "*", SearchOption.AllDirectories).Single();
        Assert.Equal(report, Retrain(cache).Report);

        File.WriteAllText(metrics, File.ReadAllText(metrics).Replace("0.499", "0.444", StringComparison.Ordinal));
        Assert.Contains("0.444", Retrain(cache).Report, StringComparison.Ordinal);

        Commit("another base");
        Assert.DoesNotContain("0.444", Retrain(cache).Report, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(demo["kept"], "*", SearchOption.AllDirectories).Length);
    }

    [Theory]
    [InlineData(0, "eng/retrain.sh --pipeline ", "--help")]
    [InlineData(2, "", "--base")]
    [InlineData(2, "", "--bose", "main")]
    [InlineData(2, "", "--pipeline", "pipelines/demo.yaml", "--metrics", "artifacts/demo/evaluate/metrics.json")]
    public void OptionsAreShownAndChecked(int expected, string words, params string[] arguments)
    {
        (int code, string output) = End(Script(arguments));

        Assert.Equal(expected, code);
        Assert.Contains(words, output, StringComparison.Ordinal);
    }

    [Fact]
    public void AFirstPipelineHasNothingToCompareWith()
    {
        File.Move(demo.YamlPath, demo["pipelines/other.yaml"]);
        File.WriteAllText(demo["pipelines/other.yaml"], DemoPipeline.Document);

        (int code, string report) = Run("--pipeline", "pipelines/other.yaml", "--metrics", "artifacts/other/evaluate/metrics.json", "--thresholds", "thresholds.yaml", "--base", "main");

        Assert.Equal(0, code);
        Assert.Contains("has no pipelines/other.yaml: nothing to compare with.", report, StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongPipelineEndsBeforeAnythingRuns()
    {
        Edit("epochs: 3", "epochs: none");

        Assert.Equal(2, Retrain().Code);
        Assert.False(Directory.Exists(demo["artifacts"]));
    }

    private void Edit(string old, string @new) => File.WriteAllText(demo.YamlPath, DemoPipeline.Document.Replace(old, @new, StringComparison.Ordinal));

    private (int Code, string Report) Retrain(params string[] more) =>
        Run(["--pipeline", "pipelines/demo.yaml", "--metrics", "artifacts/demo/evaluate/metrics.json", "--thresholds", "thresholds.yaml", "--base", "main", .. more]);

    private (int Code, string Report) Run(params string[] arguments)
    {
        int code = End(Script(arguments)).Code;
        return (code, File.Exists(demo["retrain.md"]) ? File.ReadAllText(demo["retrain.md"]) : string.Empty);
    }

    private ProcessStartInfo Script(string[] arguments)
    {
        ProcessStartInfo start = new("bash", [demo["eng/retrain.sh"], .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["AKV"] = $"{Execution.Child.DotNet} {Path.Combine(AppContext.BaseDirectory, "AdaptiveKv.FakePipeline.dll")}";
        return start;
    }

    private void Commit(string message) => Git("-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--allow-empty", "-m", message);

    private string Git(params string[] arguments)
    {
        (int code, string output) = End(new ProcessStartInfo("git", ["-C", demo.Root, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true });
        Assert.Equal(0, code);
        return output;
    }

    private static (int Code, string Output) End(ProcessStartInfo start)
    {
        using Process process = ChildProcess.Start(start);
        (int code, string output, _) = Execution.Child.End(process);
        return (code, output);
    }
}
