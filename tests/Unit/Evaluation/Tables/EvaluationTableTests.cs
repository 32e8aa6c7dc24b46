using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Inference;
using AdaptiveKv.Unit.Evaluation.Report;

namespace AdaptiveKv.Unit.Evaluation.Tables;

public sealed class EvaluationTableTests
{
    private static readonly RunRecord Run = SampleReport.Run with { Mode = CacheMode.TwoPass };

    private static readonly PolicySummary[] Policies =
    [
        new("static-16", new(164, 400), new(212, 400), new(211, 400), null, null, null, 16.08, 16, 23155.2, 1.234, 1.5, new Dictionary<string, long> { ["16"] = 51234 }),
        new("static-4", new(160, 400), new(213, 400), new(211, 400), new(400, 6, 10), new(400, 11, 10), new(400, 10, 10), 4.61, 4, 6638.4, 1.111, 1.25, new Dictionary<string, long> { ["4"] = 51034, ["16"] = 200 }),
        new("static-2", new(110, 400), new(104, 400), new(103, 400), new(400, 10, 64), new(400, 2, 110), new(400, 2, 110), 2.65, 2.5, 3816, 10.5, 12.75, new Dictionary<string, long> { ["2"] = 41034, ["k4v2"] = 10200 }),
    ];

    private static readonly EvaluationReport Whole = new()
    {
        Run = Run,
        Format = ItemFormat.AkvJsonLines,
        Seed = 42,
        ItemsInFile = 400,
        ItemsSelected = 400,
        ItemsWanted = 400,
        ItemsDone = 400,
        Seconds = 45.25,
        PeakRssBytes = 312_400_000,
        Policies = Policies,
    };

    [Fact]
    public void A_whole_file() => GoldenText.AssertEqual("evaluation.txt", EvaluationTable.Text(Whole));

    [Fact]
    public void The_end_of_a_run_fits_a_screen()
    {
        string[] brief = EvaluationTable.Brief(Whole).Split('\n'), whole = EvaluationTable.Text(Whole).Split('\n');

        string[] headers = [brief.Single(line => line.StartsWith("policy ", StringComparison.Ordinal)), whole.Single(line => line.StartsWith("policy ", StringComparison.Ordinal))];
        Assert.Equal("policy acc d acc p bits tiers", string.Join(' ', headers[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.True(headers[0].Length <= 132 && headers[0].Length < headers[1].Length, headers[0]);
        Assert.All(Whole.Policies, policy => Assert.Contains(brief, line => line.StartsWith($"{policy.Policy} ", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_whole_file_as_markdown() => GoldenText.AssertEqual("evaluation.md", EvaluationTable.Markdown(Whole));

    [Fact]
    public void A_whole_file_as_json() => GoldenText.AssertEqual("evaluation.json", ReportJson.Text(Whole) + "\n");

    [Fact]
    public void A_sample_says_so_loudly() => GoldenText.AssertEqual("evaluation-sample.txt", EvaluationTable.Text(Whole with { ItemsInFile = 8042, ItemsSelected = 8042 }));

    [Fact]
    public void Items_named_in_a_file_are_no_random_sample() =>
        Assert.Contains(
            "*** PARTIAL: 400 of 8042 items, of those named in golden.jsonl; not the score of the whole file ***",
            EvaluationTable.Text(Whole with { ItemsInFile = 8042, Selection = "golden.jsonl" }),
            StringComparison.Ordinal);

    [Fact]
    public void A_stopped_sample_says_both() => GoldenText.AssertEqual("evaluation-stopped.md", EvaluationTable.Markdown(Stopped));

    /// <summary>One item has no standard error; the baseline alone no differences.</summary>
    [Fact]
    public void A_single_item_has_no_errors() => GoldenText.AssertEqual("evaluation-single.txt", EvaluationTable.Text(Stopped));

    private static EvaluationReport Stopped { get; } = Whole with
    {
        Format = ItemFormat.HellaSwagText,
        ItemsInFile = 8042,
        ItemsSelected = 8042,
        ItemsDone = 1,
        Policies = [Policies[0] with { Accuracy = new(1, 1), AccuracyNorm = new(0, 1), AccuracyBytes = new(1, 1) }],
    };
}
