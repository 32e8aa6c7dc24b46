using System.Xml.Linq;
using AdaptiveKv.Evaluation.Report;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Unit.Evaluation.Tables;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Evaluation.Report;

public sealed class ReportStageTests : IStageReporter, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_whole_report()
    {
        Run(SampleReport.Write(folder));

        GoldenText.AssertEqual("report.html", File.ReadAllText(folder["report.html"]));
        GoldenText.AssertEqual("report.md", File.ReadAllText(folder["report.md"]));
    }

    [Fact]
    public void The_page_is_one_file_that_fetches_and_runs_nothing()
    {
        Run(SampleReport.Write(folder));
        XElement page = XElement.Parse(Xml(File.ReadAllText(folder["report.html"])));

        Assert.DoesNotContain(page.Descendants(), element => element.Name.LocalName is "script" or "img" or "iframe" or "object" or "image");
        Assert.DoesNotContain(page.Descendants().Attributes(), attribute =>
            attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal)
            || (attribute.Name.LocalName is "src" or "href" && !attribute.Value.StartsWith("data:", StringComparison.Ordinal)));
        XElement[] pictures = [.. page.Descendants("svg")];
        // Each for a wide page and for a narrow one.
        Assert.Equal(2 * 15, pictures.Length);
        Assert.All(pictures, picture =>
        {
            Assert.NotEmpty(picture.Element("title")!.Value);
            Assert.NotEmpty(picture.Element("desc")!.Value);
        });
        Assert.Equal(12, page.Descendants("table").Count());
        Assert.Contains(page.Descendants("td").Concat(page.Descendants("th")), cell => cell.Value == SampleReport.HostileName);
    }

    [Fact]
    public void An_evaluation_alone_is_enough()
    {
        Dictionary<string, string> deps = SampleReport.Write(folder);
        AdaptiveKv.Evaluation.EvaluationReport bare = SampleReport.Evaluation with
        {
            Verdict = null,
            Comparisons = null,
            Policies = [.. SampleReport.Evaluation.Policies.Take(3).Select(policy => policy with { Divergence = null })],
        };
        File.WriteAllText(folder["evaluation.json"], AdaptiveKv.Evaluation.Tables.ReportJson.Text(bare));
        Run(new Dictionary<string, string> { ["evaluation"] = deps["evaluation"] });

        string markdown = File.ReadAllText(folder["report.md"]);
        Assert.Contains("- static-4 keeps 4.61 bits per element, 3.5 times less memory than static-16, at no change of accuracy that is shown (-1.0 points, exact McNemar p = 0.454, n = 400).\n", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("## Training", markdown, StringComparison.Ordinal);
        Assert.Equal(2 * 4, XElement.Parse(Xml(File.ReadAllText(folder["report.html"]))).Descendants("svg").Count());
    }

    [Theory]
    [InlineData("training", "{\"format\": 2, \"seed\": 1, \"epochs\": [], \"best_epoch\": 1}", "format 2: expected 1: use a newer akv")]
    [InlineData("training", "{\"format\": 1, \"seed\": 1, \"epochs\": [], \"best_epoch\": 1}", "no epoch")]
    [InlineData("training", "{\"format\": 1}", "expected a training's log")]
    [InlineData("evaluation", "[]", "expected an evaluation ('akv evaluate --json')")]
    [InlineData("evaluation", "{\"policies\": null}", "expected an evaluation")]
    [InlineData("speed", "nonsense", "expected a measurement of speed")]
    [InlineData("summary", "{", "not a JSON file of metrics")]
    [InlineData("summary", "{\"rows\": {\"train\": NaN}}", "rows.train is NaN: expected figures of a dataset")]
    [InlineData("evaluation", "{\"items_done\": 1,\n\"items_done\": 2}", "line 2: member 'items_done': occurs twice, first in line 1")]
    public void A_file_of_another_kind_is_named(string dep, string content, string problem)
    {
        Dictionary<string, string> deps = SampleReport.Write(folder);
        File.WriteAllText(deps[dep], content);

        string message = Assert.Throws<InvalidDataException>(() => Run(deps)).Message;

        Assert.StartsWith(deps[dep], message, StringComparison.Ordinal);
        Assert.Contains(problem, message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["report.html"]));
    }

    /// <summary>Figures that someone has edited: a number where none can lie, a gap, a word, a name twice. Nothing is shown of such a file.</summary>
    [Theory]
    [InlineData("evaluation", "\"successes\": 164", "\"successes\": -1", "policies[0].accuracy.successes is -1, which is not from 0 to 400")]
    [InlineData("evaluation", "\"successes\": 164", "\"successes\": 401", "policies[0].accuracy.successes is 401, which is not from 0 to 400")]
    [InlineData("evaluation", "\"effective_bits\": 16.08", "\"effective_bits\": -1", "policies[0].effective_bits is -1, which is not at least 0")]
    [InlineData("evaluation", "\"effective_bits\": 16.08", "\"effective_bits\": 1e999", "member 'policies.0.effective_bits': is too large a number")]
    [InlineData("evaluation", "\"effective_bits\": 16.08", "\"effective_bits\": NaN", "'N' is an invalid start of a value")]
    [InlineData("evaluation", "\"kl\": 0.0171", "\"kl\": -0.5", "policies[2].divergence.kl is -0.5, which is not at least 0")]
    [InlineData("evaluation", "\"change_low\": -0.46", "\"change_low\": -1.07", "comparisons[0].change_low is -1.07, which is not from -1 to -0.4")]
    [InlineData("evaluation", "\"p_value\": 1E-05", "\"p_value\": 7", "comparisons[0].p_value is 7, which is not from 0 to 1")]
    [InlineData("evaluation", "\"16\": 51234", "\"16\": -3", "policies[0].tiers.16 is -3, which is not at least 0")]
    [InlineData("evaluation", "\"verdict\": [", "\"verdict\": [null, ", "member 'verdict.0': is null")]
    [InlineData("training", "\"best_epoch\":38", "\"best_epoch\":138", "best_epoch is 138, which is none of the epochs")]
    [InlineData("training", "\"confusion\":[[4100", "\"confusion\":[[-4100", "confusion[0][0] is -4100, which is not at least 0")]
    [InlineData("training", "\"budget\":[", "\"budget\":[null,", "member 'budget.0': is null")]
    [InlineData("training", "\"epochs\":[", "\"epochs\":[null,", "member 'epochs.0': is null")]
    [InlineData("training", "\"train\":{\"cross", "\"train\":null,\"train\":{\"cross", "member 'epochs.0.train': occurs twice, first in line 1")]
    [InlineData("speed", "\"depth\": 128", "\"depth\": -128", "policies[0].depths[0].depth is -128, which is not at least 1")]
    public void A_number_that_cannot_be_is_named(string dep, string text, string edited, string problem)
    {
        Dictionary<string, string> deps = SampleReport.Write(folder);
        string content = File.ReadAllText(deps[dep]);
        int place = content.IndexOf(text, StringComparison.Ordinal);
        Assert.True(place >= 0, $"the sample has no {text}");
        File.WriteAllText(deps[dep], content[..place] + edited + content[(place + text.Length)..]);

        string message = Assert.Throws<InvalidDataException>(() => Run(deps)).Message;

        Assert.StartsWith($"{deps[dep]}: ", message, StringComparison.Ordinal);
        Assert.Contains(problem, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.False(File.Exists(folder["report.html"]));
    }

    /// <summary>Where every token is dropped there are no bits, and no place on a logarithmic axis.</summary>
    [Fact]
    public void A_policy_that_keeps_nothing_is_in_the_tables()
    {
        Dictionary<string, string> deps = SampleReport.Write(folder);
        File.WriteAllText(deps["evaluation"], File.ReadAllText(deps["evaluation"]).Replace("\"effective_bits\": 16.08", "\"effective_bits\": 0", StringComparison.Ordinal));

        Run(deps);

        Assert.Contains("| static-16 | 0.00 |", File.ReadAllText(folder["report.md"]), StringComparison.Ordinal);
    }

    /// <summary>A log of another program's: what it leaves out is not shown.</summary>
    [Fact]
    public void A_log_may_leave_out_what_is_not_shown()
    {
        Dictionary<string, string> deps = SampleReport.Write(folder);
        File.WriteAllText(deps["training"], """
            {"format": 1, "seed": 1, "best_epoch": 1, "epochs": [{"epoch": 1,
             "train": {"cross_entropy": 1, "latency": 0.5, "accuracy": 0.1, "total": 2}, "validation": {"cross_entropy": 1, "latency": 0.5, "accuracy": 0.1, "total": 2}}]}
            """);
        Run(deps);

        Assert.Contains("### Loss terms by epoch", File.ReadAllText(folder["report.md"]), StringComparison.Ordinal);
    }

    void IStageReporter.Note(string line) => Assert.NotEmpty(line);

    T IStageReporter.Track<T>(string title, long total, string unit, Func<IProgress<long>, T> work, long initial) => work(new Progress<long>());

    // The page closes every element but these.
    private static string Xml(string page) => string.Join('\n', page.Split('\n')
        .Where(line => !line.StartsWith("<!DOCTYPE", StringComparison.Ordinal))
        .Select(line => line.StartsWith("<meta", StringComparison.Ordinal) || line.StartsWith("<link", StringComparison.Ordinal) ? line[..^1] + "/>" : line));

    private void Run(Dictionary<string, string> deps) => LoneStage
        .Read(ReportStage.Kind, new Dictionary<string, string>(deps) { ["html"] = folder["report.html"], ["markdown"] = folder["report.md"] })
        .Run(force: false, threads: null, this, new SomeDay(), CancellationToken.None);

    private sealed class SomeDay : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);
    }
}
