using AdaptiveKv.FakePipeline;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Files;

namespace AdaptiveKv.Unit.Pipeline.Files;

public sealed class StageRepetitionTests : IDisposable
{
    private const string Rows = """
        params: {source: data.txt, sizes: {small: {items: 3, letters: lower}, large: {items: 5, letters: upper}}}
        wdir: ..
        stages:
          collect:
            foreach: "${params.sizes}"
            do:
              uses: rows
              deps: {source: "${params.source}"}
              params: {items: "${item.items}"}
          dataset:
            foreach: "${params.sizes}"
            do:
              uses: table
              deps: {rows: "collect@${key}.rows"}
              params: {letters: "${item.letters}"}
          train:
            matrix: {lr: [0.1, 0.2], layers: [[4], [8, 8]]}
            uses: fit
            deps: {table: dataset@small.table}
            params: {lr: "${item.lr}", layers: "${item.layers}", epochs: 1}
          evaluate:
            foreach: [0.1-layers0, 0.2-layers1]
            do:
              uses: grade
              deps: {table: dataset@large.table, model: "train@${item}.model"}
        """;

    private readonly DemoPipeline demo = new(Rows);

    public void Dispose() => demo.Dispose();

    [Fact]
    public void StagesAreNamedByTheKeysOfTheirItems()
    {
        PipelineFile file = demo.Read();

        Assert.Equal(
            ["collect@small", "collect@large", "dataset@small", "dataset@large", "train@0.1-layers0", "train@0.1-layers1", "train@0.2-layers0", "train@0.2-layers1", "evaluate@0.1-layers0", "evaluate@0.2-layers1"],
            file.Stages.Select(stage => stage.Name));
        Assert.Equal([3, 5], file.Stages.Take(2).Select(stage => stage.Params.Read<FakeStages.RowsParams>().Items));
        Assert.Equal(["lower", "upper"], file.Stages.Skip(2).Take(2).Select(stage => stage.Params.Read<FakeStages.TableParams>().Letters));
        Assert.Equal([4, 8, 4, 8], file.Stages.Skip(4).Take(4).Select(stage => stage.Params.Read<FakeStages.FitParams>().Layers[0]));
        Assert.Equal([0.1, 0.1, 0.2, 0.2], file.Stages.Skip(4).Take(4).Select(stage => stage.Params.Read<FakeStages.FitParams>().Lr));
        Assert.Equal(["dataset@large", "train@0.2-layers1"], file.Stages[^1].Producers);
    }

    [Fact]
    public void EachHasItsFolderAndItsRecord()
    {
        Assert.Equal(10, demo.Run().Ran.Count);

        Assert.Equal(5, File.ReadAllLines(demo["artifacts/demo/dataset@large/table.txt"]).Length);
        Assert.Equal("0.2", File.ReadAllLines(demo["artifacts/demo/train@0.2-layers1/model.txt"])[0]);
        Assert.Contains("\"train@0.2-layers1\"", File.ReadAllText(demo.Read().LockPath), StringComparison.Ordinal);
        Assert.Empty(demo.Run().Ran);
    }

    [Fact]
    public void AGroupIsNamedAsAWholeOrByOneOfItsStages()
    {
        Assert.Equal(["collect@small", "collect@large"], demo.Run(new StageSelection { Targets = ["collect"] }).Ran);
        Assert.Equal(["collect@large"], demo.Run(StageSelection.All with { Targets = ["collect"] }, false, "collect@large.items=6").Ran);
        Assert.Equal(["dataset@small", "train@0.1-layers0"], demo.Run(new StageSelection { To = "train@0.1-layers0", From = "dataset" }).Ran);
        Assert.Equal([7, 7], demo.Read("collect.items=7").Stages.Take(2).Select(stage => stage.Params.Read<FakeStages.RowsParams>().Items));
        Assert.Equal(0.5, demo.Read("train@0.1-layers1.lr=0.5").Stages[5].Params.Read<FakeStages.FitParams>().Lr);
        Assert.Equal("-S trian.lr=1: unknown stage 'trian'; did you mean 'train'?", Assert.Throws<ConfigurationException>(() => demo.Read("trian.lr=1")).Message);
    }

    [Theory]
    [InlineData("foreach: \"${params.sizes}\"\n    do:\n      uses: rows", "foreach: []\n    do:\n      uses: rows", 5, "stages.collect.foreach: is a list: expected a list of items, or a map of keys and items, and one at least")]
    [InlineData("[0.1-layers0, 0.2-layers1]", "[a/b]", 22, "stages.evaluate.foreach: 'a/b' cannot name a stage: expected letters, digits, '-', '_' and '.'")]
    [InlineData("[0.1-layers0, 0.2-layers1]", "[a, a]", 22, "stages.evaluate.foreach: 'a' is here a second time")]
    [InlineData("    do:\n      uses: grade", "    doo:\n      uses: grade", 23, "stages.evaluate.doo: unknown key 'doo'; did you mean 'do'?")]
    [InlineData("    do:\n      uses: grade", "    doo:\n      uses: grade", 21, "stages.evaluate.do: is missing: expected the stage that is repeated for each item")]
    [InlineData("matrix: {lr: [0.1, 0.2], layers: [[4], [8, 8]]}", "matrix: {lr: 0.1}", 17, "stages.train.matrix.lr: is '0.1': expected a list of one item at least")]
    [InlineData("matrix: {lr: [0.1, 0.2], layers: [[4], [8, 8]]}", "matrix: {}", 17, "stages.train.matrix: has no names: expected {name: [item, item], ...}")]
    [InlineData("${item.lr}", "${item.rate}", 20, "stages.train@0.1-layers0.params.lr: unknown name of the item 'rate'; known: lr, layers")]
    [InlineData("train@${item}.model", "train@${itm}.model", 25, "stages.evaluate@0.1-layers0.deps.model: '${itm}' is no variable: expected ${params.name}, ${item} or ${key}")]
    [InlineData("train@${item}.model", "train@${params.sizes}.model", 25, "stages.evaluate@0.1-layers0.deps.model: '${params.sizes}' is a map: it must stand alone")]
    [InlineData("dataset@large.table", "dataset.table", 25, "stages.evaluate@0.1-layers0.deps.table: 'dataset' is 2 stages: expected one of them, such as dataset@small.table")]
    public void WhatIsWrongIsNamedByLineAndKey(string old, string @new, int line, string message)
    {
        Assert.Contains(old, Rows, StringComparison.Ordinal);
        File.WriteAllText(demo.YamlPath, Rows.Replace(old, @new, StringComparison.Ordinal));

        ConfigurationException exception = Assert.Throws<ConfigurationException>(() => demo.Read());

        Assert.Contains($"{demo.YamlPath}:{line}: {message}", exception.Faults.Select(fault => fault.ToString()));
    }

    [Fact]
    public void AMatrixHasALimit()
    {
        string many = string.Join(", ", Enumerable.Range(0, 40));
        File.WriteAllText(demo.YamlPath, Rows.Replace("matrix: {lr: [0.1, 0.2], layers: [[4], [8, 8]]}", $"matrix: {{lr: [{many}], layers: [{many}]}}", StringComparison.Ordinal));

        Assert.Contains("stages.train.matrix.layers: makes more than 1000 stages of one", Assert.Throws<ConfigurationException>(() => demo.Read()).Message, StringComparison.Ordinal);
    }
}
