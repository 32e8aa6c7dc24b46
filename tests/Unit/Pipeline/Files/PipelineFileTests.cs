using System.Text.Json;
using AdaptiveKv.FakePipeline;
using AdaptiveKv.Pipeline.Files;

namespace AdaptiveKv.Unit.Pipeline.Files;

public sealed class PipelineFileTests : IDisposable
{
    private readonly DemoPipeline demo = new();

    public void Dispose() => demo.Dispose();

    [Fact]
    public void StagesAreReadInTheOrderInWhichTheyRun()
    {
        string[] parts = DemoPipeline.Document.Split("stages:\n");
        File.WriteAllText(demo.YamlPath, parts[0] + "stages:\n" + parts[1][parts[1].IndexOf("  evaluate:", StringComparison.Ordinal)..] + "\n" + parts[1][..parts[1].IndexOf("  evaluate:", StringComparison.Ordinal)]);

        PipelineFile file = demo.Read();

        Assert.Equal(["collect", "dataset", "train", "evaluate"], file.Stages.Select(stage => stage.Name));
        PipelineStage train = file.Stages[2];
        Assert.Equal("A model of the rows", train.Description);
        Assert.Equal("dataset", train.Deps.Single().Producer);
        Assert.Equal(demo["artifacts/demo/train"], train.Folder);
        Assert.Equal(["artifacts/demo/train/model.txt", "artifacts/demo/train/curve.csv"], train.Outs.Select(made => made.Path));
        Assert.Equal(["artifacts/demo/evaluate/metrics.json"], file.Stages.SelectMany(stage => stage.Outs).Where(made => made.Kind.IsMetrics).Select(made => made.Path));
        Assert.Equal(demo["pipelines/demo.lock"], file.LockPath);
    }

    [Fact]
    public void ValuesAreDefaultsUnlessGivenAndOverridesWin()
    {
        PipelineFile file = demo.Read("train.lr=3e-4", "train.layers=[16, 8]", "seed=7");

        Assert.Equal(7, file.Stages[0].Params.Read<FakeStages.RowsParams>().Seed);
        Assert.Equal(20, file.Stages[0].Params.Read<FakeStages.RowsParams>().Items);
        Assert.Equal(0.0003, file.Stages[2].Params.Read<FakeStages.FitParams>().Lr);
        Assert.Equal([16, 8], file.Stages[2].Params.Read<FakeStages.FitParams>().Layers);
        Assert.True(file.Stages[2].Params.Read<FakeStages.FitParams>().Shuffle);
        Assert.Equal("lower", file.Stages[1].Params.Read<FakeStages.TableParams>().Letters);
        Assert.Equal(JsonValueKind.Number, file.Stages[2].Params.All["epochs"].ValueKind);
    }

    [Theory]
    [InlineData("seed: 42", "seed: 42\n  place: data", "source: \"${params.source}\"", "source: \"${params.place}.txt\"")]
    [InlineData("seed: 42", "seed: 42\n  list: [2, 3]", "epochs: 3", "epochs: 3\n      layers: ${params.list}")]
    [InlineData("seed: 42", "seed: 42\n  first: 2", "epochs: 3", "epochs: 3\n      layers: [\"${params.first}\", 4]")]
    public void AVariableStandsForItsValue(string before, string after, string use, string used)
    {
        // "source" is not used where "place" takes its place.
        string document = DemoPipeline.Document.Replace(before, after, StringComparison.Ordinal).Replace(use, used, StringComparison.Ordinal);
        if (used.Contains("place", StringComparison.Ordinal))
        {
            document = document.Replace("  source: data.txt\n", "", StringComparison.Ordinal);
        }

        File.WriteAllText(demo.YamlPath, document);

        Assert.Equal(4, demo.Run().Ran.Count);
    }

    [Theory]
    [InlineData("stages:", "stage:", 5, "stage: unknown key 'stage'; did you mean 'stages'?")]
    [InlineData("    desc: A model of the rows", "    descr: A model of the rows", 15, "stages.train.descr: unknown key 'descr'; did you mean 'desc'?")]
    [InlineData("    uses: fit", "    uses: fti", 14, "stages.train.uses: unknown stage program 'fti'; did you mean 'fit'?")]
    [InlineData("    uses: fit\n", "", 13, "stages.train.uses: is missing: expected one of rows, table, fit, grade")]
    [InlineData("    uses: fit", "    uses: [fit]", 14, "stages.train.uses: is a list: expected a text")]
    [InlineData("      epochs: 3", "      epoch: 3", 18, "stages.train.params.epoch: unknown param 'epoch'; did you mean 'epochs'?")]
    [InlineData("      epochs: 3", "      epochs: many", 18, "stages.train.params.epochs: is 'many': expected a whole number of at least 1")]
    [InlineData("      epochs: 3", "      epochs: 0", 18, "stages.train.params.epochs: is '0': expected a whole number of at least 1")]
    [InlineData("      epochs: 3", "      epochs: \"3\"", 18, "stages.train.params.epochs: is the text \"3\": expected a whole number of at least 1")]
    [InlineData("      epochs: 3", "      epochs:", 18, "stages.train.params.epochs: is nothing: expected a whole number of at least 1")]
    [InlineData("      epochs: 3", "      lr: 0.5", 18, "stages.train.params.epochs: is missing: expected a whole number of at least 1: passes over the table")]
    [InlineData("      epochs: 3", "      epochs: 3\n      lr: 2", 19, "stages.train.params.lr: is '2': expected a number from 0 to 1")]
    [InlineData("      epochs: 3", "      epochs: 3\n      lr: NaN", 19, "stages.train.params.lr: is 'NaN': expected a number from 0 to 1")]
    [InlineData("      epochs: 3", "      epochs: 3\n      shuffle: yes", 19, "stages.train.params.shuffle: is 'yes': expected true or false")]
    [InlineData("      epochs: 3", "      epochs: 3\n      layers: 4", 19, "stages.train.params.layers: is '4': expected a list, [a, b], of a whole number of at least 1")]
    [InlineData("      epochs: 3", "      epochs: 3\n      layers: [4, x]", 19, "stages.train.params.layers[1]: is 'x': expected a whole number of at least 1")]
    [InlineData("params: {items: 20, ", "params: {items: -1, ", 9, "stages.collect.params.items: is '-1': expected a whole number of at least 1 (rows)")]
    [InlineData("uses: table\n", "uses: table\n    params: {letters: odd}\n", 12, "stages.dataset.params.letters: is 'odd': expected lower or upper")]
    [InlineData("${params.seed}", "${params.sede}", 9, "stages.collect.params.seed: unknown param 'sede'; did you mean 'seed'?")]
    [InlineData("${params.seed}", "${env.HOME}", 9, "stages.collect.params.seed: '${env.HOME}' is no variable: expected ${params.name}")]
    [InlineData("  seed: 42", "  seed: 42\n  sead: 1", 5, "params.sead: no stage uses it: write ${params.sead} where it belongs, or remove it")]
    [InlineData("  seed: 42", "  seed: {a: 1}", 4, "stages.collect.params.seed: is a map: expected a whole number")]
    [InlineData("  seed: 42", "  seed: 42\n  seed: 43", 5, "the key 'seed' is here a second time; the first is at FILE:4")]
    [InlineData("deps: {source: \"${params.source}\"}", "deps: {sorce: data.txt}", 8, "stages.collect.deps.sorce: unknown dep 'sorce'; did you mean 'source'?")]
    [InlineData("deps: {source: \"${params.source}\"}", "deps: {}", 8, "stages.collect.deps.source: is missing: expected stage.out or the path of a text")]
    [InlineData("deps: {source: \"${params.source}\"}", "deps: {source: }", 8, "stages.collect.deps.source: is nothing: expected stage.out or a path")]
    [InlineData("deps: {source: \"${params.source}\"}", "deps: [data.txt]", 8, "stages.collect.deps: is a list: expected a map of keys and values")]
    [InlineData("    uses: rows", "    uses: rows\n    outs: {row: artifacts/demo/collect/rows}", 8, "stages.collect.outs.row: unknown out 'row'; did you mean 'rows'?")]
    [InlineData("    uses: fit", "    uses: fit\n    outs: [curv]", 15, "stages.train.outs.curv: unknown out 'curv'; did you mean 'curve'?")]
    [InlineData("    uses: fit", "    uses: fit\n    outs: [model]\n    plots: {model: artifacts/demo/train/model.txt}", 16, "stages.train.plots.model: is named twice")]
    [InlineData("  train:", "  tra in:", 13, "stages: 'tra in' cannot name a stage: expected letters, digits, '-' and '_'")]
    [InlineData("collect.rows", "artifacts/demo/collect/row", 12, "stages.dataset.deps.rows: no stage makes artifacts/demo/collect/row, which lies in the pipeline's own folder: expected an out of a stage, such as collect.rows, or a file elsewhere")]
    [InlineData("collect.rows", "collect.row", 12, "stages.dataset.deps.rows: unknown out of collect 'row'; did you mean 'rows'?")]
    [InlineData("collect.rows", "colect.rows", 12, "stages.dataset.deps.rows: 'colect.rows' is no out of a stage, and no such file is there; did you mean 'collect'?")]
    [InlineData("model: train.model", "model: train.plan", 21, "stages.evaluate.deps.model: stage 'train' makes plan only where it is asked for: add outs: [plan] to it")]
    [InlineData("deps: {table: dataset.table}", "deps: {table: evaluate.metrics}", 19, "stages.evaluate: the stages wait for each other: evaluate -> train -> evaluate")]
    public void WhatIsWrongIsNamedByLineAndKey(string old, string @new, int line, string message)
    {
        Assert.Contains(old, DemoPipeline.Document, StringComparison.Ordinal);
        File.WriteAllText(demo.YamlPath, DemoPipeline.Document.Replace(old, @new, StringComparison.Ordinal));

        ConfigurationException exception = Assert.Throws<ConfigurationException>(() => demo.Read());

        Assert.Contains($"{demo.YamlPath}:{line}: {message.Replace("FILE", demo.YamlPath, StringComparison.Ordinal)}", exception.Faults.Select(fault => fault.ToString()));
    }

    /// <summary>Files of old say where outs lie. Where that is where they lie anyway, nothing is wrong with it.</summary>
    [Fact]
    public void PathsThatOutsHaveAnywayMayBeWritten()
    {
        demo.Run();
        File.WriteAllText(demo.YamlPath, DemoPipeline.Document
            .Replace("    uses: rows", "    uses: rows\n    outs: {rows: artifacts/demo/collect/rows}", StringComparison.Ordinal)
            .Replace("    uses: fit", "    uses: fit\n    outs: {model: artifacts/demo/train/model.txt}\n    plots: {curve: ./artifacts/demo/train/curve.csv}", StringComparison.Ordinal)
            .Replace("    uses: grade", "    uses: grade\n    metrics: {metrics: artifacts/demo/evaluate/metrics.json}", StringComparison.Ordinal)
            .Replace("dataset.table", "artifacts/demo/dataset/table.txt", StringComparison.Ordinal)
            .Replace("train.model", "artifacts/demo/train/model.txt", StringComparison.Ordinal));

        Assert.Empty(demo.Run().Ran);
        Assert.Equal("train", demo.Read().Stages[3].Deps[1].Producer);
    }

    [Theory]
    [InlineData("outs", "model", "elsewhere/model.txt")]
    [InlineData("outs", "model", "artifacts/demo/train/../../../model.txt")]
    [InlineData("outs", "model", "artifacts/other/train/model.txt")]
    [InlineData("outs", "model", "artifacts/demo-2/train/model.txt")]
    [InlineData("outs", "model", "artifacts/demo/model.txt")]
    [InlineData("plots", "curve", "artifacts/demo/train/deeper/curve.csv")]
    [InlineData("plots", "curve", "artifacts/demo/train/manifest.json")]
    [InlineData("plots", "curve", "artifacts/demo/train/.lock")]
    [InlineData("plots", "curve", "artifacts/demo/train/model.txt")]
    [InlineData("plots", "curve", "artifacts/demo/train/CURVE.csv")]
    [InlineData("metrics", "curve", "artifacts/demo/dataset/table.txt")]
    [InlineData("metrics", "curve", "artifacts/demo/collect/rows/metrics.json")]
    public void AnOutElsewhereThanInItsStagesFolderIsRefused(string section, string name, string path)
    {
        File.WriteAllText(demo.YamlPath, DemoPipeline.Document.Replace("    uses: fit", $"    uses: fit\n    {section}: {{{name}: {path}}}", StringComparison.Ordinal));

        ConfigurationFault fault = Assert.Single(Assert.Throws<ConfigurationException>(() => demo.Read()).Faults);

        string file = name == "model" ? "model.txt" : "curve.csv";
        Assert.Equal(
            $"{demo.YamlPath}:15: stages.train.{section}.{name}: is '{path}': a stage's outs have their places, this one artifacts/demo/train/{file}: remove the entry and let deps name it train.{name}",
            fault.ToString());
    }

    [Fact]
    public void StagesHaveFoldersOfTheirOwnOnEverySystem()
    {
        File.WriteAllText(demo.YamlPath, DemoPipeline.Document + "\n  Dataset:\n    uses: table\n    deps: {rows: collect.rows}\n");

        Assert.Contains(
            ":22: stages.Dataset: its folder is that of stage 'dataset' too: give it a name that differs in more than upper and lower case",
            Assert.Throws<ConfigurationException>(() => demo.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsMadeOnlyWhereItIsAskedForIsAskedForByName()
    {
        Assert.DoesNotContain(demo.Read().Stages[2].Outs, made => made.Name == "plan");

        File.WriteAllText(demo.YamlPath, DemoPipeline.Document.Replace("    uses: fit", "    uses: fit\n    outs: [plan]", StringComparison.Ordinal));
        demo.Run();

        Assert.True(File.Exists(demo["artifacts/demo/train/plan.txt"]));
    }

    [Theory]
    [InlineData("train.lr", "expected stage.param=value, or param=value for one under the file's own params")]
    [InlineData("a.b.c=1", "expected stage.param=value, or param=value for one under the file's own params")]
    [InlineData("=1", "expected stage.param=value, or param=value for one under the file's own params")]
    [InlineData("train.lrr=1", "stages.train.params: unknown param 'lrr'; did you mean 'lr'?")]
    [InlineData("trian.lr=1", "unknown stage 'trian'; did you mean 'train'?")]
    [InlineData("sed=1", "unknown param 'sed'; did you mean 'seed'?")]
    [InlineData("train.lr=fast", "stages.train.params.lr: is 'fast': expected a number from 0 to 1")]
    [InlineData("seed=fast", "stages.collect.params.seed: is 'fast': expected a whole number")]
    [InlineData("train.lr=[", "not valid YAML")]
    public void AWrongOverrideIsNamed(string given, string message)
    {
        ConfigurationException exception = Assert.Throws<ConfigurationException>(() => demo.Read(given));

        Assert.StartsWith($"-S {given}: {message}", exception.Faults[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void EverythingWrongIsListedAtOnce()
    {
        File.WriteAllText(demo.YamlPath, DemoPipeline.Document.Replace("uses: table", "uses: tabel", StringComparison.Ordinal).Replace("epochs: 3", "epochs: x", StringComparison.Ordinal));

        ConfigurationException exception = Assert.Throws<ConfigurationException>(() => demo.Read());

        Assert.Equal(2, exception.Faults.Count);
        Assert.EndsWith("did you mean 'table'? (and 1 more; 'akv validate' lists them)", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("stages:")]
    [InlineData("# nothing but a comment\n")]
    public void APipelineWithoutStagesIsRefused(string document)
    {
        File.WriteAllText(demo.YamlPath, document);

        Assert.StartsWith($"{demo.YamlPath}:1: stages: no stage is here", Assert.Throws<ConfigurationException>(() => demo.Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAbsentFileIsNamed()
    {
        File.Delete(demo.YamlPath);

        Assert.Equal($"{demo.YamlPath}: no such file", Assert.Throws<FileNotFoundException>(() => demo.Read()).Message);
    }
}
