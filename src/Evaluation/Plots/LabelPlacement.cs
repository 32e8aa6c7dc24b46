namespace AdaptiveKv.Evaluation.Plots;

/// <summary>Finds room for the names of points: beside the point where that is free, else further away.</summary>
/// <param name="bounds">Labels stay within it.</param>
internal sealed class LabelPlacement(Box bounds)
{
    private const double Height = 15;

    private static readonly double[] Distances = [9, 20, 34, 50, 68, 88, 110, 134, 160, 190, 225, 265, 310, 360];

    private static readonly (double X, double Y)[] Directions = [(1, 0), (-1, 0), (0.7, -0.7), (0.7, 0.7), (-0.7, -0.7), (-0.7, 0.7), (0, -1), (0, 1), (0.3, -1), (-0.3, -1), (0.3, 1), (-0.3, 1)];

    private readonly List<Box> taken = [];

    /// <summary>Keeps labels off a part of the picture.</summary>
    public void Occupy(Box box) => taken.Add(box);

    /// <summary>The box of a label, which is taken from then on; null where there is no room at all.</summary>
    /// <param name="x">Of the point.</param>
    /// <param name="y">Of the point.</param>
    /// <param name="width">Of the label.</param>
    public Box? Place(double x, double y, double width)
    {
        foreach (double distance in Distances)
        {
            foreach ((double right, double down) in Directions)
            {
                double left = x + (right * distance) - (right < 0 ? width : right == 0 ? width / 2 : 0);
                double top = y + (down * distance) - (Height / 2);
                Box box = new(left, top, left + width, top + Height);
                if (bounds.Holds(box) && !taken.Exists(box.Meets))
                {
                    taken.Add(box);
                    return box;
                }
            }
        }

        return null;
    }
}
