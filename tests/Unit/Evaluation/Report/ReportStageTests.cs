using System.Xml.Linq;
using AdaptiveKv.Evaluation.Report;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Unit.Evaluation.Reports;
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
        Assert.Equal(14, pictures.Length);
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
        File.WriteAllText(folder["evaluation.json"], AdaptiveKv.Evaluation.Reports.ReportJson.Text(bare));
        Run(new Dictionary<string, string> { ["evaluation"] = deps["evaluation"] });

        string markdown = File.ReadAllText(folder["report.md"]);
        Assert.Contains("- static-4 keeps 4.61 bits per element, 3.5 times less memory than static-16, at no change of accuracy that is shown (-1.0 points, exact McNemar p = 0.454, n = 400).\n", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("## Training", markdown, StringComparison.Ordinal);
        Assert.Equal(4, XElement.Parse(Xml(File.ReadAllText(folder["report.html"]))).Descendants("svg").Count());
    }

    [Theory]
    [InlineData("training", "{\"format\": 2, \"seed\": 1, \"epochs\": [], \"best_epoch\": 1}", "format 2: expected 1: use a newer akv")]
    [InlineData("training", "{\"format\": 1, \"seed\": 1, \"epochs\": [], \"best_epoch\": 1}", "no epoch")]
    [InlineData("training", "{\"format\": 1}", "expected a training's log")]
    [InlineData("evaluation", "[]", "expected an evaluation ('akv evaluate --json')")]
    [InlineData("evaluation", "{\"policies\": null}", "expected an evaluation")]
    [InlineData("speed", "nonsense", "expected a measurement of speed")]
    [InlineData("summary", "{", "not a JSON file of metrics")]
    public void A_file_of_another_kind_is_named(string dep, string content, string problem)
    {
        Dictionary<string, string> deps = SampleReport.Write(folder);
        File.WriteAllText(deps[dep], content);

        string message = Assert.Throws<InvalidDataException>(() => Run(deps)).Message;

        Assert.StartsWith(deps[dep], message, StringComparison.Ordinal);
        Assert.Contains(problem, message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["report.html"]));
    }

    void IStageReporter.Note(string line) => Assert.NotEmpty(line);

    T IStageReporter.Track<T>(string title, long total, string unit, Func<IProgress<long>, T> work, long initial) => work(new Progress<long>());

    // The page closes every element but these.
    private static string Xml(string page) => string.Join('\n', page.Split('\n')
        .Where(line => !line.StartsWith("<!DOCTYPE", StringComparison.Ordinal))
        .Select(line => line.StartsWith("<meta", StringComparison.Ordinal) || line.StartsWith("<link", StringComparison.Ordinal) ? line[..^1] + "/>" : line));

    private void Run(Dictionary<string, string> deps) => LoneStage
        .Read(ReportStage.Kind, new Dictionary<string, string>(deps) { ["html"] = folder["report.html"], ["markdown"] = folder["report.md"] }, (_, _) => null)
        .Run(force: false, this, TimeProvider.System, CancellationToken.None);
}
