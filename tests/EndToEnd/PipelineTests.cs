using System.Text;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>The quickstart, made small: from the embedded model to a report, again, changed, and interrupted.</summary>
public sealed class PipelineTests : IDisposable
{
    private static readonly string[] Stages = ["calibrate", "collect", "dataset", "train", "evaluate", "speed", "report"];

    private readonly PipelineFolder folder = new();

    [Fact]
    public void AllStagesRunOnceAndWhatDependsOnAChangeRunsAgain()
    {
        Outcome first = Akv.Run(["run", .. folder.Small()]);
        Assert.True(first.Code == 0, first.Error);
        Assert.EndsWith("ran " + string.Join(", ", Stages), first.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Contains("learned-3", first.Output, StringComparison.Ordinal);
        Assert.Contains("report.html", first.Output, StringComparison.Ordinal);
        Assert.Contains("<svg", File.ReadAllText(folder["report/report.html"]), StringComparison.Ordinal);

        // Too few items for the thresholds, but every metric they name is there: a rule is broken, none is wrong.
        string thresholds = Path.Combine(SharedFiles.Repository, "pipelines", "quickstart.thresholds.yaml");
        Outcome gate = Akv.RunHere("gate", folder["evaluate/metrics.json"], "--thresholds", thresholds, "--baseline", folder["evaluate/metrics.json"]);
        Assert.True(gate.Code == 3, gate.Error);
        gate = Akv.RunHere("gate", folder["train/metrics.json"], "--thresholds", thresholds.Replace("quickstart.", "quickstart.train.", StringComparison.Ordinal));
        Assert.True(gate.Code is 0 or 3, gate.Error);

        Outcome second = Akv.RunHere(["run", .. folder.Small()]);
        Assert.Equal((0, "nothing to do: all 7 stages are up to date"), (second.Code, second.Output.TrimEnd()));

        string[] changed = folder.Small("-S", "train.lr=3e-4");
        Outcome status = Akv.RunHere(["status", .. changed]);
        Assert.Contains("param lr changed 0.001 -> 0.0003", status.Output, StringComparison.Ordinal);
        Outcome third = Akv.RunHere(["run", .. changed]);
        Assert.EndsWith("ran train, evaluate, report; unchanged: calibrate, collect, dataset, speed", third.Output.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("quickstart", "model")]
    [InlineData("smollm2-135m", "model", "items", "text")]
    [InlineData("paper", "model", "items", "text")]
    [InlineData("features", "tokens", "items", "rarity")]
    [InlineData("rivals", "from")]
    [InlineData("ship", "model", "items", "text")]
    [InlineData("fisher", "model", "items", "text")]
    [InlineData("dropping", "model", "text", "transform")]
    [InlineData("ablation", "model", "from")]
    [InlineData("memory", "model", "items", "text", "from")]
    [InlineData("layers", "model", "text", "from")]
    [InlineData("transfer", "model", "items", "arc", "arc_train", "text", "transform", "controller", "tokens", "rarity", "layers", "trained", "micro")]
    public void EveryPipelineIsValid(string name, params string[] data)
    {
        string items = Path.Combine(SharedFiles.Micro, "items_train.jsonl");
        using TemporaryFolder made = new();
        foreach (string file in (string[])
            ["dataset/dataset.parquet", "train/controller.safetensors", "collect/rarity.safetensors", "collect/tokens/0", "collect/items/0", "costs/costs/0", "calibrate/transform.safetensors", "allocate/transform.safetensors", "probe/probe.safetensors"])
        {
            made.Write(file, "of another pipeline; its name is looked at"u8);
        }

        made.Write("text.txt", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(line => $"Line {line} of a plain text.\n"))));

        Outcome outcome = Akv.RunHere(
        [
            "validate", "--pipeline", Path.Combine(SharedFiles.Repository, "pipelines", $"{name}.yaml"),
            .. data.SelectMany(param => (string[])["-S", $"{param}={param switch { "model" => SharedFiles.MicroModel, "from" or "micro" => made.PathOf(""), "text" => made.PathOf("text.txt"), _ => items }}"]),
            // The real model has a longer context, and its items leave shots over.
            .. name switch
            {
                "smollm2-135m" => (string[])["-S", "evaluate_shots.shots=0", "-S", "speed.depths=[128]", "-S", "wikitext_long.window=512"],
                "memory" => ["-S", "evaluate_many.shots=0", "-S", "collect_long.window=512", "-S", "evaluate_long.window=512"],
                "ship" => ["-S", "collect.window=512", "-S", "costs.window=512"],
                _ => [],
            },
        ]);
        Assert.True(outcome.Code == 0, outcome.Error);
    }

    [Fact]
    public void TheBytesAreThoseOfARunWithAnyNumberOfProcessors()
    {
        string[] least =
        [
            "-S", "calibrate.tokens=256", "-S", "collect.limit=8", "-S", "collect.segment=4", "-S", "collect.samples=2", "-S", "train.epochs=2", "-S", "evaluate.limit=3",
            "-S", "evaluate.segment=2", "-S", "speed.repeats=1", "-S", "speed.tokens=2", "-S", "speed.depths=[16]", "-S", "speed.prefill=16",
        ];
        Assert.Equal(0, Akv.RunHere(["run", "--pipeline", folder.Yaml, .. least]).Code);
        IReadOnlyDictionary<string, byte[]> expected = folder.Content();
        foreach (string processors in (string[])["1", "3", "16", "64"])
        {
            using PipelineFolder other = new();
            Outcome again = Akv.RunWith(new Dictionary<string, string> { ["DOTNET_PROCESSOR_COUNT"] = processors }, ["run", "--pipeline", other.Yaml, .. least]);
            Assert.True(again.Code == 0, $"{processors} processors: {again.Error}");

            IReadOnlyDictionary<string, byte[]> actual = other.Content();
            Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
            Assert.All(expected.Keys, path => Assert.True(expected[path].SequenceEqual(actual[path]), $"{path} differs with {processors} processors"));
        }
    }

    [Fact]
    public void TheControllerIsTheSameWithoutAvx2()
    {
        Assert.Equal(0, Akv.RunHere(["run", "train", .. folder.Small()]).Code);
        IReadOnlyDictionary<string, byte[]> expected = folder.Content();
        Outcome again = Akv.RunWith(new Dictionary<string, string> { ["DOTNET_EnableAVX2"] = "0" }, ["run", "--from", "train", "--to", "train", "--force", .. folder.Small()]);
        Assert.True(again.Code == 0, again.Error);

        Assert.Contains("train: done", again.Error, StringComparison.Ordinal);
        Assert.All(["controller.safetensors", "controller.onnx", "metrics.json", "training.json"], name => Assert.Equal(expected[Path.Combine("train", name)], folder.Content()[Path.Combine("train", name)]));
    }

    [Fact]
    public void AKilledCollectionEndsInTheSameBytes()
    {
        string[] collect = ["run", "collect", .. folder.Small()];
        Assert.Equal(0, Akv.RunHere(collect).Code);
        using PipelineFolder killed = new();
        collect = ["run", "collect", .. killed.Small()];
        for (int run = 0; run < 2; run++)
        {
            Akv.Kill(collect, () => Directory.Exists(killed["collect"]) && Directory.GetFiles(killed["collect"], "00000*", SearchOption.AllDirectories).Length > 2 + (3 * run));
        }

        Outcome last = Akv.RunHere(collect);
        Assert.True(last.Code == 0, last.Error);
        Assert.Contains("segments are done already", last.Error, StringComparison.Ordinal);
        IReadOnlyDictionary<string, byte[]> expected = folder.Content();
        IReadOnlyDictionary<string, byte[]> actual = killed.Content();
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected.Keys, path => Assert.True(expected[path].SequenceEqual(actual[path]), $"{path} differs after a kill"));
    }

    public void Dispose() => folder.Dispose();
}
