using System.Xml.Linq;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Kernels;

namespace AdaptiveKv.Unit.Evaluation.Tables;

public sealed class SpeedTableTests
{
    internal static readonly RunRecord Run = new(
        "0.1.0",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        new string('a', 64),
        "ids.json",
        new string('b', 64),
        CacheMode.Decode,
        new CodeRecord(CacheCode.Hadamard, "clip", 64, null, 0, 0),
        Arithmetic.Int8,
        2,
        new Machine("Some <Processor>", 2, "AVX2, FMA", "Linux 6.1", ".NET 10.0.1"));

    // At 16 bits a step costs 3 ms and 1 ms per thousand positions (the middle step of three attends to depth + 2), at 4 bits 3 and 0.25.
    private static readonly SpeedReport Report = Of(
        [(128, 3.130), (1024, 4.026)],
        [(128, 3.0325), (1024, 3.2565)]);

    [Fact]
    public void As_text() => GoldenText.AssertEqual("speed.txt", SpeedTable.Text(Report));

    [Fact]
    public void As_markdown() => GoldenText.AssertEqual("speed.md", SpeedTable.Markdown(Report));

    [Fact]
    public void As_json() => GoldenText.AssertEqual("speed.json", ReportJson.Text(Report) + "\n");

    [Fact]
    public void As_a_plot() => GoldenText.AssertEqual("speed.svg", SpeedPlot.Svg(Report));

    [Fact]
    public void The_fit_finds_what_the_steps_were_made_of()
    {
        Assert.Equal([3.0, 3.0], Report.Policies.Select(policy => Math.Round(policy.BaseMs!.Value, 9)));
        Assert.Equal([1.0, 0.25], Report.Policies.Select(policy => Math.Round(policy.MsPerThousandPositions!.Value, 9)));
    }

    [Fact]
    public void One_depth_has_no_fit_and_still_a_plot()
    {
        SpeedReport single = Of([(128, 3.13)], [(128, 3.03)]) with { Settings = new SpeedSettings([128], 512, 3, 1) };

        Assert.All(single.Policies, policy => Assert.Null(policy.MsPerThousandPositions));
        XElement svg = XElement.Parse(SpeedPlot.Svg(single));
        Assert.Equal(2, svg.Descendants().Count(element => element.Name.LocalName == "polyline"));
    }

    private static SpeedReport Of((int Depth, double Ms)[] sixteen, (int Depth, double Ms)[] four)
    {
        SpeedResult result = new(
            [new("static-16", 0, 512, 512, 520), new("static-4", 0, 512, 500, 505), new("static-4", 1, 512, 640, 650), new("static-16", 1, 512, 512, 530)],
            [.. sixteen.Select(point => Record("static-16", point, 23040, 16)), .. four.Select(point => Record("static-4", point, 6480, 4.5))],
            25.5);
        return SpeedReport.Of(Run, new SpeedSettings([128, 1024], 512, 3, 2), result) with { PeakRssBytes = 312_400_000 };
    }

    private static DecodeRecord Record(string policy, (int Depth, double Ms) point, long bytesPerToken, double bits) =>
        new(policy, point.Depth, 0, point.Ms, 0.5, bytesPerToken * point.Depth, bits, [point.Ms, point.Ms - 0.125, point.Ms + 0.5], [1, 2, 3]);
}
