using System.Text;
using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Cli;

/// <summary>Text files that a user may hand over, damaged in all the usual ways: each is read, or refused in one line that names it; never an internal error.</summary>
public sealed class DamagedInputTests : IDisposable
{
    // Places where something is put in between; with AKV_SLOW=1 more of them. Readers alone, without a command line around them, meet hundreds of times as many: ReaderFuzzTests.
    private static readonly int Places = Environment.GetEnvironmentVariable("AKV_SLOW") == "1" ? 40 : 3;

    private const string Lock = """
        {"version": 1, "stages": {"calibrate": {"uses": "calibrate", "code": 2, "deps": {"data": {"path": "a.jsonl", "sha256": "1fa23d4bdd5b643672885603223cf6d7afa548fa03fd3aae5193798ec701b6f4"}},
        "params": {"seed": 42, "tokens": "abcdefgh", "list": [1, "abcdefgh"]}, "outs": {"transform": {"path": "t", "sha256": "e22ed9c9ed81baa28c5ff618c000e21427dd3df8c85999c55d5450fb66f3b7b3"}}}}}
        """;

    private const string Items = """
        {"item": 7, "context": "The sky", "endings": ["is blue.", "eats fish."], "label": 0, "more": {"a": [1]}}
        {"ctx": "unused", "context": "The sea", "endings": ["is blue.", "eats fish."], "label": "1"}
        """;

    private const string HuggingFaceArc = """{"id": "Q", "question": "Which?", "choices": {"text": ["the library", "hat"], "label": ["A", "B"]}, "answerKey": "B"}""";

    private const string Metrics = """{"items": 100, "static-16": {"acc": 0.98, "kl": 1e-7, "note": "text"}, "list": [1, 2.5, null, true]}""";

    private const string Thresholds = "thresholds:\n  items: {min: 100}\n  static-16.acc: {min: 0.9, max-drop: 0.05}   # a note\n  \"static-16.kl\": {max: 1}\n";

    private readonly TemporaryFolder folder = new();

    public DamagedInputTests()
    {
        File.WriteAllText(folder["good.json"], Metrics);
        File.WriteAllText(folder["good.yaml"], Thresholds);
        File.WriteAllText(folder["pipeline.yaml"], Pipeline);
    }

    private static string Pipeline { get; } =
        $$"""
        wdir: '{{SharedFiles.Repository}}'
        params: {seed: 42}
        stages:
          calibrate:
            uses: calibrate
            deps: {model: assets/micro/micro-ledger.gguf, data: "assets/micro/items_train.jsonl"}
            params: {tokens: 64, window: 32, seed: "${params.seed}"}
        """;

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_lock_file() => Damaged("pipeline.lock", Lock, "status", "--pipeline", folder["pipeline.yaml"]);

    [Fact]
    public void A_pipeline_file() => Damaged("damaged.yaml", Pipeline, "validate", "--pipeline", folder["damaged.yaml"]);

    [Fact]
    public void Items_of_our_own() => Damaged("items.jsonl", Items, "evaluate", "--model", SharedFiles.MicroModel, "--data", folder["items.jsonl"], "--policies", "static-4");

    [Fact]
    public void Items_of_hugging_face() => Damaged("items.jsonl", HuggingFaceArc, "evaluate", "--model", SharedFiles.MicroModel, "--data", folder["items.jsonl"], "--policies", "static-4");

    [Fact]
    public void Metrics_that_are_shown() => Damaged("metrics.json", Metrics, "metrics", "show", folder["metrics.json"]);

    [Fact]
    public void Metrics_that_are_judged() => Damaged("metrics.json", Metrics, "gate", folder["metrics.json"], "--thresholds", folder["good.yaml"]);

    [Fact]
    public void Thresholds_in_a_file() => Damaged("thresholds.yaml", Thresholds, "gate", folder["good.json"], "--thresholds", folder["thresholds.yaml"]);

    [Fact]
    public void Names_of_items() => Damaged("names.jsonl", """{"item": "17", "policy": "static-4"}""", "evaluate", "--model", SharedFiles.MicroModel, "--data", MicroItems, "--items", folder["names.jsonl"], "--policies", "static-4");

    [Fact]
    public void Evaluations_in_a_report() => InReport("evaluation");

    [Fact]
    public void Trainings_in_a_report() => InReport("training");

    [Fact]
    public void Speeds_in_a_report() => InReport("speed");

    [Fact]
    public void Summaries_in_a_report() => InReport("summary");

    private void InReport(string name)
    {
        Dictionary<string, string> deps = Unit.Evaluation.Report.SampleReport.Write(folder);
        string[] named = [.. deps.SelectMany(dep => new[] { $"--{dep.Key}", dep.Value })];
        string text = File.ReadAllText(deps[name]);
        Damaged(Path.GetFileName(deps[name]), text, ["report", .. named, "--html", folder["r/r.html"], "--markdown", folder["r/r.md"], "--force"]);
    }

    private static string MicroItems => Path.Combine(SharedFiles.Micro, "items_validation.jsonl");

    private static IEnumerable<byte[]> Damages(string text)
    {
        byte[] whole = Encoding.UTF8.GetBytes(text);
        int stride = Math.Max(1, whole.Length / (8 * Places));
        for (int length = 0; length < whole.Length; length += stride)
        {
            yield return whole[..length];
        }

        string[] insertions =
        [
            "\\ud800", "\\udc00x", "\0", "\\u0000", "\uFEFF", "\u001B[31m", "\"", "'", "{", "}", "[", "]", ":", ",", "\n:\n", "\t", "- ", "? ", "&a ", "*a ", "!!x ", "%", "|", ">", "#", "1e999", "-",
            "99999999999999999999999", "null", "~", new string('[', 100), new string('{', 100), string.Concat(Enumerable.Repeat("{\"a\":", 100)), "\r", "\u2028", "\u0085", "\"x\": 1, \"x\": 2,", "---\n", "...\n",
        ];
        for (int at = 0; at <= whole.Length; at += Math.Max(1, whole.Length / Places))
        {
            foreach (string insertion in insertions)
            {
                yield return [.. whole[..at], .. Encoding.UTF8.GetBytes(insertion), .. whole[at..]];
            }

            yield return [.. whole[..at], 0xFF, .. whole[at..]];
        }

        yield return [.. Encoding.UTF8.GetBytes(text + "\n:\n")];
        yield return Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(text)).ToArray();
    }

    private void Damaged(string name, string text, params string[] command)
    {
        int count = 0;
        List<string> wrong = [];
        foreach (byte[] damaged in Damages(text))
        {
            File.WriteAllBytes(folder[name], damaged);
            using TestTerminal terminal = new();
            int code = CommandLine.Run(command, terminal.Terminal);
            count++;
            string[] errors = [.. terminal.ErrorLines.Where(line => line.StartsWith("error:", StringComparison.Ordinal))];
            bool isSaid = code is ExitCode.Usage or ExitCode.BadData or ExitCode.MissingInput ? errors.Length > 0 : code is ExitCode.Done or ExitCode.Gate;
            if (!isSaid || (code is ExitCode.BadData or ExitCode.Usage && !errors[0].Contains(folder.Path, StringComparison.Ordinal)))
            {
                wrong.Add($"{code}: {errors.FirstOrDefault()}: {Encoding.UTF8.GetString(damaged)}");
            }
        }

        Assert.True(count > 100);
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count}:\n{string.Join('\n', wrong.GroupBy(line => line[..Math.Min(line.Length, 120)]).Take(25).Select(group => $"{group.Count()} x {group.First()}"))}");
    }
}
