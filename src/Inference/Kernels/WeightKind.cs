namespace AdaptiveKv.Inference.Kernels;

/// <summary>How a matrix is kept in memory.</summary>
internal enum WeightKind
{
    /// <summary><see cref="Q4Block"/>.</summary>
    Q4,

    /// <summary><see cref="Q8Block"/>.</summary>
    Q8,

    /// <summary>binary32, [row / 8][column][row % 8].</summary>
    Float,
}
