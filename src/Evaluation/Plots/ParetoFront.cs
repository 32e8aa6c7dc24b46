namespace AdaptiveKv.Evaluation.Plots;

/// <summary>The points that no other point beats on both axes.</summary>
internal static class ParetoFront
{
    /// <summary>The front, by its cost.</summary>
    /// <param name="points">X is a cost: less is better.</param>
    /// <param name="moreIsBetter">Whether a larger Y is the better one.</param>
    public static IReadOnlyList<PlotPoint> Of(IEnumerable<PlotPoint> points, bool moreIsBetter)
    {
        List<PlotPoint> front = [];
        foreach (PlotPoint point in points.OrderBy(point => point.X).ThenBy(point => moreIsBetter ? -point.Y : point.Y))
        {
            if (front.Count == 0 || (moreIsBetter ? point.Y > front[^1].Y : point.Y < front[^1].Y))
            {
                front.Add(point);
            }
        }

        return front;
    }
}
