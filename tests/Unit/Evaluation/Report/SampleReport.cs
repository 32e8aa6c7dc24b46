using System.Text.Json;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Evaluation;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Evaluation.Statistics;
using AdaptiveKv.Evaluation.Tables;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Evaluation.Report;

/// <summary>The files of a run of the real model's size: many policies close to each other, one with a name that must be escaped.</summary>
internal static class SampleReport
{
    public const string HostileName = "<img src=x onerror=alert(1)> & \"friends\"";

    private const int Items = 400;

    public static RunRecord Run { get; } = new(
        "0.1.0",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        new string('a', 64),
        "hellaswag_val.jsonl",
        new string('b', 64),
        CacheMode.Decode,
        new CodeRecord(CacheCode.Calibrated, "clip", 64, new string('c', 64), 1, 0),
        Arithmetic.Int8,
        2,
        new Machine("Some Processor", 2, "AVX2, FMA", "Linux 6.1", ".NET 10.0.1"));

    private static readonly (string Name, int Right, int RightNorm, int Gained, int Lost, double Bits, double Kl, double Ms, (string, long)[] Tiers)[] Rows =
    [
        ("static-16", 164, 212, 0, 0, 16.08, 0, 1.234, [("16", 51234)]),
        ("static-8", 164, 211, 2, 2, 8.61, 0.0001, 1.19, [("8", 51034), ("16", 200)]),
        ("static-4", 160, 213, 6, 10, 4.61, 0.0171, 1.111, [("4", 51034), ("16", 200)]),
        ("static-3", 156, 209, 9, 17, 3.62, 0.068, 1.14, [("3", 51034), ("16", 200)]),
        ("static-2", 110, 104, 10, 64, 2.65, 0.349, 1.09, [("2", 51034), ("16", 200)]),
        ("learned-counterfactual", 159, 211, 7, 12, 3.48, 0.0411, 1.15, [("2", 20034), ("4", 25034), ("8", 5800), ("16", 366)]),
        ("learned-example", 155, 207, 8, 17, 3.52, 0.0602, 1.15, [("2", 24034), ("4", 20034), ("8", 6800), ("16", 366)]),
        ("random+bits=3.5", 150, 201, 8, 22, 3.50, 0.0893, 1.151, [("2", 24034), ("4", 20034), ("8", 6800), ("16", 366)]),
        ("sinks+recent", 152, 203, 8, 20, 3.51, 0.0799, 1.152, [("2", 28034), ("4", 18034), ("16", 5166)]),
        ("entropy", 153, 205, 8, 19, 3.49, 0.0755, 1.15, [("2", 24034), ("4", 20034), ("8", 6800), ("16", 366)]),
        ("oracle", 161, 212, 5, 8, 3.50, 0.0299, 1.15, [("2", 22034), ("4", 22034), ("8", 6800), ("16", 366)]),
        (HostileName, 148, 200, 8, 24, 3.10, 0.12, 1.12, [("2", 30034), ("k4v2", 21200)]),
    ];

    public static EvaluationReport Evaluation { get; } = new()
    {
        Run = Run,
        Format = ItemFormat.HellaSwagJsonLines,
        Seed = 42,
        ItemsInFile = 8042,
        ItemsSelected = 8042,
        ItemsWanted = Items,
        ItemsDone = Items,
        Seconds = 45.25,
        PeakRssBytes = 312_400_000,
        Policies = [.. Rows.Select(Summary)],
        Comparisons =
        [
            new PolicyComparison(3.5, "learned-counterfactual", "random-3", 0.0723, 3.52, 0.1205, 0.0041, 3.51, 5, -0.4, -0.46, -0.34, 0.00001) { Gap = new GapShare(0.81, 0.74, 0.88), Items = Items, RankBalance = -0.7 },
            new PolicyComparison(3.5, "learned-example", "random-3", 0.0914, 3.49, 0.1205, 0.0041, 3.51, 5, -0.2415, -0.32, -0.16, 0.0003),
        ],
        Verdict =
        [
            "The learned policy (counterfactual labels) beats random at equal bits: its KL is 54 % lower at 3.5 effective bits (p < 0.001, 400 items).",
            "It closes 81 % of the gap between random and the oracle.",
        ],
    };

    /// <summary>Writes the four files that the stage reads.</summary>
    /// <returns>The options that name them.</returns>
    public static Dictionary<string, string> Write(TemporaryFolder folder)
    {
        File.WriteAllText(folder["evaluation.json"], ReportJson.Text(Evaluation));
        File.WriteAllText(folder["training.json"], Training());
        File.WriteAllText(folder["summary.json"], """{"rows": {"train": 41200, "validation": 10300}, "labels": {"2": 22100, "4": 21800, "8": 6900, "16": 700}, "name": "a <b> & c"}""");
        File.WriteAllText(folder["speed.json"], ReportJson.Text(Speed()));
        return new Dictionary<string, string>
        {
            ["evaluation"] = folder["evaluation.json"],
            ["training"] = folder["training.json"],
            ["summary"] = folder["summary.json"],
            ["speed"] = folder["speed.json"],
        };
    }

    private static PolicySummary Summary((string Name, int Right, int RightNorm, int Gained, int Lost, double Bits, double Kl, double Ms, (string Tier, long Tokens)[] Tiers) row)
    {
        bool isBaseline = row.Name == PolicySummary.Baseline;
        return new PolicySummary(
            row.Name,
            new Proportion(row.Right, Items),
            new Proportion(row.RightNorm, Items),
            new Proportion(row.RightNorm - 1, Items),
            isBaseline ? null : new PairedDifference(Items, row.Gained, row.Lost),
            isBaseline ? null : new PairedDifference(Items, row.Gained, row.Lost),
            isBaseline ? null : new PairedDifference(Items, row.Gained, row.Lost + 1),
            row.Bits,
            Math.Floor(row.Bits),
            row.Bits * 1440,
            row.Ms,
            row.Ms * 1.25,
            row.Tiers.ToDictionary(tier => tier.Tier, tier => tier.Tokens))
        {
            Divergence = new PolicyDivergence(row.Kl, row.Kl * 0.85, row.Kl * 1.15, new Proportion((int)(10_000 * (1 - (row.Kl / 2))), 10_000)),
        };
    }

    private static string Training()
    {
        object Losses(int epoch, double extra) => new
        {
            cross_entropy = (0.6 + extra) + (0.7 / epoch),
            latency = 0.3 - (0.05 / epoch),
            accuracy = 0.1 + (0.2 / epoch) + extra,
            total = 1.0 + (2 * extra) + (0.85 / epoch),
            correct = 0.7 - (0.3 / epoch),
        };
        return JsonSerializer.Serialize(new
        {
            format = 1,
            labels = "counterfactual",
            seed = 42,
            rows = new { train = 41200, validation = 10300 },
            tiers = new[] { "2", "4", "8", "16" },
            features = new[] { "entropy", "rarity", "attention_variance", "surprisal" },
            epochs = Enumerable.Range(1, 100).Select(epoch => new { epoch, train = Losses(epoch, 0), validation = Losses(epoch, 0.02 + (epoch / 3000.0)) }),
            best_epoch = 38,
            confusion = new[] { new[] { 4100, 300, 20, 1 }, [500, 3600, 200, 10], [30, 400, 1000, 20], [0, 9, 60, 50] },
            calibration = Enumerable.Range(0, 10).Select(i => new { confidence = 0.05 + (i / 10.0), correct = Math.Min(1, 0.02 + (i / 10.0)), n = i * 100 }),
            importance = new object[]
            {
                new { feature = "attention_received_so_far_by_the_token", increase = 0.081, low = 0.07, high = 0.092 },
                new { feature = "surprisal", increase = 0.062, low = 0.055, high = 0.069 },
                new { feature = "rarity", increase = 0.001, low = -0.001, high = 0.003 },
            },
            budget = Enumerable.Range(0, 9).Select(i => new { price = i * 0.25, bits = 2 + (6 / (1.0 + i)) }),
            data_sha256 = new string('d', 64),
        });
    }

    private static SpeedReport Speed()
    {
        int[] depths = [128, 1024, 4096];
        (string Name, double Base, double Slope)[] policies = [("static-16", 3, 1.0), ("static-4", 3, 0.25), ("learned-counterfactual", 3.05, 0.22)];
        DecodeRecord Record(string policy, int depth, double ms) => new(policy, depth, 0, ms, 0.5, 6480L * depth, 4.5, [ms, ms - 0.125, ms + 0.5], [1, 2, 3]);
        SpeedResult result = new(
            [.. policies.Select(policy => new PrefillRecord(policy.Name, 0, 512, 512, 520))],
            [.. policies.SelectMany(policy => depths.Select(depth => Record(policy.Name, depth, policy.Base + (policy.Slope * depth / 1000))))],
            25.5);
        return SpeedReport.Of(Run, new SpeedSettings(depths, 512, 3, 1), result) with { PeakRssBytes = 312_400_000 };
    }
}
