using System.Diagnostics;
using System.Text.RegularExpressions;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>What the retraining workflow hands to eng/retrain.sh, and the script over the quickstart; its ways are tested over a pipeline that takes no time.</summary>
public sealed partial class RetrainingTests
{
    private const int Gate = 3;

    private static readonly (string Metrics, string Thresholds)[] Judged =
    [
        ("artifacts/quickstart/train/metrics.json", "pipelines/quickstart.train.thresholds.yaml"),
        ("artifacts/quickstart/evaluate/metrics.json", "pipelines/quickstart.thresholds.yaml"),
    ];

    /// <summary>What eng/variants.sh prints: other seeds pass the gate, and five planted regressions do not.</summary>
    [Fact]
    public void TheGateOfTheQuickstartStopsRegressionsAndLetsOtherSeedsPass()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("AKV_SLOW") == "1", "retrains the quickstart eight times, which takes minutes: set AKV_SLOW=1");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs bash");
        using TemporaryFolder folder = new();
        Start(folder);
        ProcessStartInfo start = new("bash", [Path.Combine(SharedFiles.Repository, "eng", "variants.sh"), folder.PathOf("")]) { RedirectStandardOutput = true };
        start.Environment["AKV"] = Path.ChangeExtension(Akv.Program, null);
        start.Environment["SEEDS"] = "1";
        start.Environment["FURTHER"] = "2";
        using Process process = ChildProcess.Start(start);
        string report = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.True(process.ExitCode == 0, report);
        Assert.Single(report.Split('\n'), line => line.EndsWith("| passes | passes |  |", StringComparison.Ordinal));
        Assert.Equal(5, report.Split('\n').Count(line => line.Contains(" | stopped | stopped | ", StringComparison.Ordinal)));
    }

    /// <summary>The script that the workflow calls, with a regression.</summary>
    [Fact]
    public void TheWorkflowsScriptGatesTheQuickstart()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("AKV_SLOW") == "1", "retrains the quickstart twice, which takes a minute or more: set AKV_SLOW=1");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs bash");
        using TemporaryFolder folder = new();
        Start(folder);

        (int code, string report) = Retrain(folder, "-S", "train.epochs=1");
        Assert.True(code == Gate, report);
        Assert.Matches(@"\| learned-3\.5\+sinks1\.kl \| [-0-9.]+ \| - \| at most 0\.0148 \| FAILED \|", report);
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
