using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.FakePipeline;
using AdaptiveKv.Unit.Pipeline;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary>What a user sees of the pipeline commands, over the fake stages.</summary>
public sealed class PipelineCommandTests : IDisposable
{
    private readonly DemoPipeline demo = new();

    public void Dispose() => demo.Dispose();

    [Fact]
    public void ARunSaysWhatItDidAndWhy()
    {
        Assert.Equal("ran collect, dataset, train, evaluate\n", Run(ExitCode.Done, "run").Output);
        Assert.Equal("nothing to do: all 4 stages are up to date\n", Run(ExitCode.Done, "run").Output);
        (string output, string[] lines) = Run(ExitCode.Done, "run", "-S", "train.lr=3e-4");

        Assert.Equal("ran train, evaluate; unchanged: collect, dataset\n", output);
        Assert.Contains("train: param lr changed 0.001 -> 0.0003", lines);
    }

    [Fact]
    public void StatusExplains()
    {
        Run(ExitCode.Done, "run");

        Assert.Equal(
            """
            collect   up to date
            dataset   up to date
            train     would run: param lr changed 0.001 -> 0.0003
            evaluate  would run: dep model is made by train, which would run
            2 of 4 stages would run

            """,
            Run(ExitCode.Done, "status", "-S", "train.lr=3e-4").Output);
        Assert.Equal("collect  up to date\nnothing to do: the stage is up to date\n", Run(ExitCode.Done, "status", "collect").Output);
        Assert.Contains("\"reasons\": [\n      \"param lr changed 0.001 -> 0.0003\"", Run(ExitCode.Done, "status", "--json", "-S", "train.lr=3e-4").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ADryRunRunsNothing()
    {
        Assert.EndsWith("4 of 4 stages would run\n", Run(ExitCode.Done, "run", "--dry").Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(demo["artifacts"]));
    }

    [Fact]
    public void ValidateListsEverythingThatIsWrong()
    {
        Assert.Equal($"{demo.YamlPath}: 4 stages, nothing is wrong\n", Run(ExitCode.Done, "validate").Output);

        File.WriteAllText(demo.YamlPath, DemoPipeline.Document.Replace("uses: table", "uses: tabel", StringComparison.Ordinal).Replace("epochs: 3", "epochs: x", StringComparison.Ordinal));
        Assert.Equal(
            [
                $"error: {demo.YamlPath}:11: stages.dataset.uses: unknown stage program 'tabel'; did you mean 'table'?",
                $"error: {demo.YamlPath}:18: stages.train.params.epochs: is 'x': expected a whole number of at least 1",
            ],
            Run(ExitCode.Usage, "validate").Errors);

        File.WriteAllText(demo.YamlPath, DemoPipeline.Document);
        File.Delete(demo["data.txt"]);
        Assert.Equal([$"error: {demo.YamlPath}:8: stages.collect.deps.source: there is no data.txt: create it, or correct the path"], Run(ExitCode.MissingInput, "validate").Errors);
    }

    [Fact]
    public void TheGraphIsShown()
    {
        Assert.Equal(
            """
            collect  <- data.txt
            dataset  <- collect (rows)
            train    <- dataset (table)
            evaluate <- dataset (table), train (model)

            """,
            Run(ExitCode.Done, "dag").Output);
        Assert.Equal(
            """
            flowchart TD
              file0[("data.txt")]
              stage-collect["collect"]
              file0 -->|source| stage-collect
              stage-dataset["dataset"]
              stage-collect -->|rows| stage-dataset
              stage-train["train"]
              stage-dataset -->|table| stage-train
              stage-evaluate["evaluate"]
              stage-dataset -->|table| stage-evaluate
              stage-train -->|model| stage-evaluate

            """,
            Run(ExitCode.Done, "dag", "--mermaid").Output);
    }

    [Theory]
    [InlineData("other.yaml is no stage", "run", "other.yaml")]
    [InlineData("unknown stage 'trian'; did you mean 'train'?", "status", "trian")]
    [InlineData("unknown stage 'trian'; did you mean 'train'?", "run", "--to", "trian")]
    public void AWrongStageIsAUsageError(string message, params string[] arguments) =>
        Assert.Contains(message, Assert.Single(Run(ExitCode.Usage, arguments).Errors).Replace("'other.yaml'", "other.yaml", StringComparison.Ordinal), StringComparison.Ordinal);

    [Fact]
    public void MetricsOfThePipelineAreShownAndCompared()
    {
        Run(ExitCode.Done, "run");
        File.Copy(demo["artifacts/demo/evaluate/metrics.json"], demo["before.json"]);
        Run(ExitCode.Done, "run", "-S", "train.lr=0.01");
        string now = demo["artifacts/demo/evaluate/metrics.json"];

        Assert.Equal(
            """
            metric                    value  error
            --------------------------------------
            rows                         20
            policies.static.accuracy   0.49
            policies.static.loss       0.01

            """,
            Run(ExitCode.Done, "metrics", "show").Output);
        Assert.Equal(
            """
            | metric | old | new | change | percent | noise | verdict |
            |---|---:|---:|---:|---:|---:|---:|
            | policies.static.accuracy | 0.499 | 0.49 | -0.009 | -1.8 | - | worse |
            | policies.static.loss | 0.001 | 0.01 | +0.009 | +900.0 | - | worse |

            """,
            Run(ExitCode.Done, "metrics", "diff", demo["before.json"], now, "--md").Output);
        Assert.Equal(5, Run(ExitCode.Done, "metrics", "diff", demo["before.json"], now, "--all").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal("no change in 3 metrics\n", Run(ExitCode.Done, "metrics", "diff", now, now).Output);
    }

    [Fact]
    public void AGateShowsWhatFailedFirst()
    {
        File.WriteAllText(demo["new.json"], """{"accuracy": 0.46, "bits": 3.5}""");
        File.WriteAllText(demo["old.json"], """{"accuracy": 0.5, "bits": 3.5}""");
        File.WriteAllText(demo["thresholds.yaml"], "thresholds:\n  bits: {max: 4}\n  accuracy: {min: 0.4, max-drop: 0.02}\n");
        string[] gate = ["gate", demo["new.json"], "--thresholds", demo["thresholds.yaml"], "--baseline"];

        (string output, string[] errors) = Run(ExitCode.Gate, [.. gate, demo["old.json"], "--md"]);

        Assert.Equal(
            """
            | metric | value | baseline | rule | verdict |
            |---|---:|---:|---:|---:|
            | accuracy | 0.46 | 0.5 | at most 0.02 below the baseline | FAILED |
            | bits | 3.5 | - | at most 4 | ok |
            | accuracy | 0.46 | - | at least 0.4 | ok |

            """,
            output);
        Assert.Equal(["FAILED: 1 of 3 rules are broken"], errors);
        Assert.Equal(["passed: all 3 rules hold"], Run(ExitCode.Done, [.. gate, demo["new.json"]]).Errors);
    }

    [Fact]
    public void RunsAreListedComparedAndRestored()
    {
        Assert.Equal("no run is kept yet: 'akv run' keeps one\n", Run(ExitCode.Done, "runs", "list").Output);
        Assert.Contains("kept as run 'a'", Run(ExitCode.Done, "run", "--name", "a").Errors);
        Run(ExitCode.Done, "run", "--name", "b", "-S", "train.lr=3e-4");
        Assert.Equal("restored train, evaluate; unchanged: collect, dataset\n", Run(ExitCode.Done, "run", "--name", "a").Output);
        Assert.EndsWith("0 of 4 stages would run, 2 would be restored\n", Run(ExitCode.Done, "status", "-S", "train.lr=3e-4").Output, StringComparison.Ordinal);

        string list = Run(ExitCode.Done, "runs", "list", "--metrics", "accuracy").Output;
        Assert.Matches(@"^run +kept at +stages  evaluate\.policies\.static\.accuracy\n-+\na  +\*  [-0-9]+ [0-9]+:[0-9]+  4 of 4 +0\.499\nb +[-0-9]+ [0-9]+:[0-9]+  4 of 4 +0\.4997\n$", list);
        Assert.Contains("\"in_place\": true", Run(ExitCode.Done, "runs", "list", "--json").Output, StringComparison.Ordinal);
        Assert.Equal(
            """
            input         a       b
            -----------------------
            train.lr  0.001  0.0003

            metric                               old     new   change  percent  noise  verdict
            ----------------------------------------------------------------------------------
            evaluate.policies.static.accuracy  0.499  0.4997  +0.0007     +0.1      -   better
            evaluate.policies.static.loss      0.001  0.0003  -0.0007    -70.0      -   better

            """,
            Run(ExitCode.Done, "runs", "diff", "a", "b").Output);
        Assert.Contains("\"input\": \"train.lr\"", Run(ExitCode.Done, "runs", "diff", "a", "b", "--json").Output, StringComparison.Ordinal);
        Assert.StartsWith("b: -S train.lr=3e-4; kept at ", Run(ExitCode.Done, "runs", "show", "b").Output, StringComparison.Ordinal);
        Assert.Contains("\"evaluate.policies.static.loss\": \"0.0003\"", Run(ExitCode.Done, "runs", "show", "b", "--json").Output, StringComparison.Ordinal);

        (string output, string[] errors) = Run(ExitCode.Done, "runs", "restore", "b");
        Assert.Equal(("restored collect, dataset, train, evaluate\n", "its values: -S 'train.lr=3e-4'"), (output, errors[^1]));
        Assert.Equal("nothing to do: all 4 stages are up to date\n", Run(ExitCode.Done, "run", "-S", "train.lr=3e-4").Output);
        Assert.Equal("removed a\n", Run(ExitCode.Done, "runs", "remove", "a").Output);
        Assert.Matches("^freed 3 files, [0-9]+ B\n$", Run(ExitCode.Done, "runs", "gc").Output);
        Assert.Equal("nothing to free: runs name all that is kept\n", Run(ExitCode.Done, "runs", "gc").Output);
        Assert.Equal(["error: no run is called 'a'; did you mean 'b'?; 'akv runs list' shows them"], Run(ExitCode.Usage, "runs", "restore", "a").Errors);
    }

    [Fact]
    public void ASweepRunsEveryCombination()
    {
        string table = Run(ExitCode.Done, "sweep", "-S", "train.lr=1e-3,3e-4", "-S", "train.layers=[4],[4, 4]", "--metrics", "static.loss").Output;

        string[] rows = table.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^4..];
        Assert.Equal(["train.lr=1e-3,train.layers=4", "train.lr=1e-3,train.layers=4,4", "train.lr=3e-4,train.layers=4", "train.lr=3e-4,train.layers=4,4"], rows.Select(row => row.Split(' ')[0]));
        Assert.Equal(["0.001", "0.001", "0.0003", "0.0003"], rows.Select(row => row.Split(' ')[^1]));
        Assert.Equal("restored train, evaluate; unchanged: collect, dataset\n", Run(ExitCode.Done, "run", "-S", "train.lr=1e-3", "-S", "train.layers=[4]").Output);
        Assert.Equal(["error: -S train.lr=1,,2: expected stage.param=value,value"], Run(ExitCode.Usage, "sweep", "-S", "train.lr=1,,2").Errors);
    }

    private (string Output, string[] Errors) Run(int code, params string[] arguments)
    {
        using TestTerminal terminal = new();
        string[] named = arguments[0] is "gate" || arguments is ["metrics", "diff", ..] ? arguments : [.. arguments, "--pipeline", demo.YamlPath];
        int actual = CommandLine.Run(
            named,
            terminal.Terminal,
            [
                PipelineRunCommand.Create(terminal.Terminal, FakeStages.Catalog),
                SweepCommand.Create(terminal.Terminal, FakeStages.Catalog),
                RunsCommand.Create(terminal.Terminal, FakeStages.Catalog),
                StatusCommand.Create(terminal.Terminal, FakeStages.Catalog),
                ValidateCommand.Create(terminal.Terminal, FakeStages.Catalog),
                DagCommand.Create(terminal.Terminal, FakeStages.Catalog),
                MetricsCommand.Create(terminal.Terminal, FakeStages.Catalog),
                GateCommand.Create(terminal.Terminal, FakeStages.Catalog),
            ]);
        Assert.True(actual == code, $"exit code {actual}: {string.Join('\n', terminal.ErrorLines)}");
        return (terminal.Output, terminal.ErrorLines);
    }
}
