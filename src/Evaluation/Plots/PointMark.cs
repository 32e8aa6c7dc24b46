namespace AdaptiveKv.Evaluation.Plots;

/// <summary>How points are marked, so that colour is not all that tells them apart.</summary>
internal enum PointMark
{
    Circle,
    Square,
    Diamond,
    Triangle,
    Cross,
}
