using AdaptiveKv.Cli;
using AdaptiveKv.Pipeline.Metrics;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Unit.Pipeline.Metrics;

public sealed class MetricDirectionsTests
{
    [Theory]
    [InlineData("static-4+sinks1.acc", Better.More)]
    [InlineData("learned-3.5+sinks1.kl", Better.Less)]
    [InlineData("learned-3.5+sinks1.effective_bits", Better.Less)]
    [InlineData("learned-3.5+sinks1.target_error", Better.NearerZero)]
    [InlineData("learned-3+sinks1.oracle_gap_closed", Better.More)]
    [InlineData("acc.static-2", Better.More)]
    [InlineData("loss_accuracy", Better.Less)]
    [InlineData("loss_scale", Better.Neither)]
    [InlineData("random_loss", Better.Neither)]
    [InlineData("label_accuracy", Better.More)]
    [InlineData("gap_closed", Better.More)]
    [InlineData("items", Better.Neither)]
    [InlineData("rows.train", Better.Neither)]
    [InlineData("features.entropy.mean", Better.Neither)]
    [InlineData("best_epoch", Better.Neither)]
    [InlineData("loss", Better.Less)]
    [InlineData("val_loss", Better.Less)]
    [InlineData("validation.accuracy", Better.More)]
    public void A_path_has_the_direction_of_its_last_known_part(string path, Better better) => Assert.Equal(better, new MetricDirections(Stages.Catalog).Of(path));

    [Theory]
    [InlineData("learned-3.5+sinks1.kl", "nats")]
    [InlineData("static-2+sinks1.effective_bits", "bits")]
    [InlineData("matched_loss", "nats")]
    [InlineData("static-2.acc", null)]
    [InlineData("something.else", null)]
    public void A_metric_has_a_unit(string path, string? unit) => Assert.Equal(unit, new MetricDirections(Stages.Catalog).UnitOf(path));

    /// <summary>A name means the same in every stage, and a loss is never the better the greater it is.</summary>
    [Fact]
    public void Stages_agree_about_a_name()
    {
        StageMetric[] declared = [.. Stages.Catalog.Kinds.Values.SelectMany(kind => kind.Metrics)];

        Assert.All(declared.GroupBy(metric => metric.Name), same => Assert.Single(same.Select(metric => metric.Better).Distinct()));
        Assert.All(declared.Where(metric => metric.Name.Split('_').Contains("loss")), metric => Assert.NotEqual(Better.More, metric.Better));
        Assert.All(declared.Where(metric => metric.Better == Better.More), metric => Assert.DoesNotContain("loss", metric.Name, StringComparison.Ordinal));
    }
}
