using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Kernels;

namespace AdaptiveKv.Unit.Evaluation.Tables;

public sealed class PerplexityTableTests
{
    private static readonly RunRecord Run = new(
        "0.1.0",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        new string('a', 64),
        "wikitext2_valid.txt",
        new string('b', 64),
        CacheMode.Decode,
        new CodeRecord(CacheCode.Minmax, "minmax", 32, null, 0, 32),
        Arithmetic.Float,
        1,
        new Machine("Some Processor", 2, "AVX2, FMA", "Linux 6.1", ".NET 10.0.1"));

    private static readonly PerplexitySummary[] Policies =
    [
        new("static-16", 1024, 2.5613, 0.0712, 12.9527, null, 16, 16, 23040, 12.345, 13, new Dictionary<string, long> { ["16"] = 1024 }),
        new("static-8", 1024, 2.5612, 0.0712, 12.9514, new(0.00041, 0.00002, new(1020, 1024), -0.0001, 0.0002, [new(0, 64, 128, 0.0003, 0.00004), new(64, 128, 128, 0.0005, null)]), 8.51, 8, 12254.4, 12, 13, new Dictionary<string, long> { ["8"] = 1024 }),
        new("static-2", 1024, 5.2, 0.101, 181.2722, new(2.62, 0.0815, new(256, 1024), 2.6387, 0.0834, []), 2.52, 2, 3628.8, 9, 10.5, new Dictionary<string, long> { ["2"] = 1024 }),
    ];

    private static readonly PerplexityReport Whole = new(Run, "static-16", 1030, 1024, 513, 512, 64, 2, 2, 2, 25.5, 312_400_000, Policies);

    [Fact]
    public void A_whole_text() => GoldenText.AssertEqual("perplexity.txt", PerplexityTable.Text(Whole));

    [Fact]
    public void A_whole_text_as_json() => GoldenText.AssertEqual("perplexity.json", ReportJson.Text(Whole) + "\n");

    [Fact]
    public void A_stopped_part_without_a_reference_says_so() => GoldenText.AssertEqual("perplexity-stopped.md", PerplexityTable.Markdown(Whole with
    {
        Reference = null,
        WindowsInText = 500,
        WindowsDone = 1,
        Policies = [Policies[0]],
    }));
}
