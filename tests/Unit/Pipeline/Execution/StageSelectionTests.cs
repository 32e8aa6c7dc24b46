using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Files;

namespace AdaptiveKv.Unit.Pipeline.Execution;

public sealed class StageSelectionTests : IDisposable
{
    private readonly DemoPipeline demo = new();

    public void Dispose() => demo.Dispose();

    [Theory]
    [InlineData("", null, null, "collect dataset train evaluate")]
    [InlineData("train", null, null, "collect dataset train")]
    [InlineData("train dataset", null, null, "collect dataset train")]
    [InlineData("", "train", null, "train evaluate")]
    [InlineData("", null, "dataset", "collect dataset")]
    [InlineData("", "dataset", "train", "dataset train")]
    [InlineData("evaluate", "train", null, "train evaluate")]
    public void StagesAreSelectedAlongTheGraph(string targets, string? from, string? to, string expected)
    {
        StageSelection selection = new() { Targets = targets.Split(' ', StringSplitOptions.RemoveEmptyEntries), From = from, To = to };

        Assert.Equal(expected, string.Join(' ', selection.Of(demo.Read()).Select(stage => stage.Name)));
    }

    [Fact]
    public void AnUnknownStageGetsASuggestion()
    {
        ConfigurationException exception = Assert.Throws<ConfigurationException>(() => new StageSelection { Targets = ["trian"] }.Of(demo.Read()));

        Assert.Equal($"{demo.YamlPath}: unknown stage 'trian'; did you mean 'train'?", exception.Message);
    }

    [Fact]
    public void AnEmptySelectionIsRefused()
    {
        ConfigurationException exception = Assert.Throws<ConfigurationException>(() => new StageSelection { From = "train", To = "collect" }.Of(demo.Read()));

        Assert.Equal($"{demo.YamlPath}: no stage is selected: nothing that 'train' leads to leads to 'collect'", exception.Message);
    }
}
