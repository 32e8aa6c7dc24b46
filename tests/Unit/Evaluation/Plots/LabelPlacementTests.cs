using AdaptiveKv.Evaluation.Plots;

namespace AdaptiveKv.Unit.Evaluation.Plots;

public sealed class LabelPlacementTests
{
    /// <summary>Twelve points, all within a few pixels: every label finds room, and none lies on another or on a point.</summary>
    [Fact]
    public void Labels_of_crowded_points_do_not_overlap()
    {
        (double X, double Y)[] points = [.. Enumerable.Range(0, 12).Select(i => (300.0 + (7 * (i % 4)), 150.0 + (9 * (i / 4))))];
        Box bounds = new(0, 0, 700, 360);
        LabelPlacement placement = new(bounds);
        Box[] dots = [.. points.Select(point => new Box(point.X - 6, point.Y - 6, point.X + 6, point.Y + 6))];
        foreach (Box dot in dots)
        {
            placement.Occupy(dot);
        }

        Box[] labels = [.. points.Select(point => placement.Place(point.X, point.Y, 120)!.Value)];

        Assert.All(labels, label => Assert.True(bounds.Holds(label)));
        Assert.All(labels, label => Assert.DoesNotContain(dots, label.Meets));
        Assert.All(labels, label => Assert.Single(labels, label.Meets));
    }

    [Fact]
    public void Without_room_there_is_no_label() => Assert.Null(new LabelPlacement(new Box(0, 0, 100, 100)).Place(50, 50, 200));
}
