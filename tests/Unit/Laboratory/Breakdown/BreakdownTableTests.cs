using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Laboratory;
using AdaptiveKv.Laboratory.Breakdown;
using AdaptiveKv.Unit.Evaluation.Tables;

namespace AdaptiveKv.Unit.Laboratory.Breakdown;

public sealed class BreakdownTableTests
{
    // At the greatest depth the keys are read at half the memory's rate and computed at a quarter of the arithmetic's.
    private static readonly BreakdownReport Report = new(
        SpeedTableTests.Run,
        new SpeedSettings([128, 1024], 512, 3, 2),
        new MachineLimits(2, 40, 80, 800, 200),
        12.5,
        [new("static-4", 512, 1000, 1010, [new("down", 250, new StepWork(0, 100_000, 0)), new("waiting", 760, default)])],
        [
            new("static-4", 128, 1130, 1140, [Keys(100, 1_000_000), new("waiting", 1000, default)]),
            new("static-4", 1024, 1520, 1530, [Keys(500, 10_000_000), new("waiting", 1000, default)]),
        ],
        8,
        [new("static-4", 128, 500, 510, [Keys(50, 500_000), new("outside the layers", 40, default)])]);

    [Fact]
    public void As_text() => GoldenText.AssertEqual("Laboratory/Golden/breakdown.txt", BreakdownTable.Text(Report));

    [Fact]
    public void As_markdown() => GoldenText.AssertEqual("Laboratory/Golden/breakdown.md", BreakdownTable.Markdown(Report));

    [Fact]
    public void As_json() => GoldenText.AssertEqual("Laboratory/Golden/breakdown.json", LaboratoryJson.Text(Report) + "\n");

    private static StepShare Keys(double microseconds, long bytes) => new("attention keys", microseconds, new StepWork(bytes, 10 * bytes, 0));
}
