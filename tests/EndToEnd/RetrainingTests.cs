using System.Diagnostics;
using System.Text.RegularExpressions;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>What the retraining workflow hands to eng/retrain.sh, and the script over the quickstart; its ways are tested over a pipeline that takes no time.</summary>
public sealed partial class RetrainingTests
{
    private const int Passed = 0;
    private const int Gate = 3;

    private static readonly (string Metrics, string Thresholds)[] Judged =
    [
        ("artifacts/quickstart/train/metrics.json", "pipelines/quickstart.train.thresholds.yaml"),
        ("artifacts/quickstart/evaluate/metrics.json", "pipelines/quickstart.thresholds.yaml"),
    ];

    [Fact]
    public void TheGateOfTheQuickstartCatchesARegressionAndLetsAChangePass()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("AKV_SLOW") == "1", "retrains the quickstart three times, which takes a minute or more: set AKV_SLOW=1");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs bash");
        using TemporaryFolder folder = new();
        Start(folder);

        (int code, string report) = Retrain(folder, "-S", "train.lr=8e-4");
        Assert.True(code == Passed, report);
        Assert.EndsWith("\nAll rules hold.\n", report, StringComparison.Ordinal);

        // A controller that sees no more than the norm of a token's keys.
        (code, report) = Retrain(folder, "-S", "dataset.features=[key_norm]");
        Assert.True(code == Gate, report);
        Assert.Matches(@"\| gap_closed \| [-0-9.]+ \| - \| at least 0\.15 \| FAILED \|", report);
        Assert.EndsWith("\n**Some rules are broken.**\n", report, StringComparison.Ordinal);
    }

    [Fact]
    public void TheWorkflowNamesWhatThereIs()
    {
        string workflow = File.ReadAllText(Path.Combine(SharedFiles.Repository, ".github", "workflows", "retrain.yml"));
        ILookup<string, string> options = Option().Matches(workflow).ToLookup(match => match.Groups[1].Value, match => match.Groups[2].Value);

        Assert.All(options["thresholds"], path => Assert.True(File.Exists(Path.Combine(SharedFiles.Repository, path))));
        string pipeline = File.ReadAllText(Path.Combine(SharedFiles.Repository, options["pipeline"].Single()));
        Assert.Equal(options["thresholds"].Count(), options["metrics"].Count());
        Assert.All(options["metrics"], path => Assert.Contains($"\n  {path.Split('/')[^2]}:\n", pipeline, StringComparison.Ordinal));
        Assert.Equal(Judged, options["metrics"].Zip(options["thresholds"]));
    }

    // A repository of its own: the pipeline, what it reads, and the script, as this one has them.
    private static void Start(TemporaryFolder folder)
    {
        string[] files = ["eng/retrain.sh", "pipelines/quickstart.yaml", .. Judged.Select(judged => judged.Thresholds),
            .. Directory.GetFiles(SharedFiles.Micro).Select(path => Path.GetRelativePath(SharedFiles.Repository, path))];
        foreach (string file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.PathOf(file))!);
            File.Copy(Path.Combine(SharedFiles.Repository, file), folder.PathOf(file));
        }

        folder.Write(".gitignore", "artifacts/\nkept/\nretrain.md\n*.lock\n"u8);
        foreach (string command in (string[])["init --quiet --initial-branch=main", "add .", "-c user.name=test -c user.email=test@example.org commit --quiet -m first"])
        {
            Assert.Equal(0, End(new ProcessStartInfo("git", ["-C", folder.PathOf(""), .. command.Split(' ')])));
        }
    }

    private static (int Code, string Report) Retrain(TemporaryFolder folder, params string[] overrides)
    {
        ProcessStartInfo start = new("bash",
        [
            folder.PathOf("eng/retrain.sh"), "--pipeline", "pipelines/quickstart.yaml", "--base", "main", "--cache", "kept",
            .. Judged.SelectMany(judged => (string[])["--metrics", judged.Metrics, "--thresholds", judged.Thresholds]), "--", .. overrides,
        ]);
        start.Environment["AKV"] = $"{Akv.DotNet} {Akv.Program}";
        int code = End(start);
        string report = folder.PathOf("retrain.md");
        return (code, File.Exists(report) ? File.ReadAllText(report) : string.Empty);
    }

    private static int End(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        using Process process = ChildProcess.Start(start);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    [GeneratedRegex("--(pipeline|metrics|thresholds) ([^ \n]+)")]
    private static partial Regex Option();
}
