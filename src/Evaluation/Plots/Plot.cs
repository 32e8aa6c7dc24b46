namespace AdaptiveKv.Evaluation.Plots;

/// <summary>A picture that can be drawn in any width.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Description">What can be read from it, for those who do not see it.</param>
internal abstract record Plot(string Title, string Description)
{
    /// <summary>From this width on names stand beside what they name, else above it.</summary>
    protected const double RoomForNames = 460;

    /// <summary>In pixels, at which its letters have their own size.</summary>
    public double Width { get; init; } = 720;

    /// <summary>The picture where no more than a width is left of the page.</summary>
    public SvgImage ToSvg(double width) => (this with { Width = Math.Min(Width, width) }).ToSvg();

    /// <summary>The picture in its own width.</summary>
    public abstract SvgImage ToSvg();
}
