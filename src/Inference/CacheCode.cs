namespace AdaptiveKv.Inference;

/// <summary>The codes a user can choose from.</summary>
public enum CacheCode
{
    /// <summary>Keys and values as they are, from the smallest to the largest of a group: the weak baseline that is usual elsewhere.</summary>
    Minmax,

    /// <summary>Rotated by a Hadamard matrix, ranges clipped by squared error; needs no calibration.</summary>
    Hadamard,

    /// <summary>In the space of a calibrated transform, ranges clipped by squared error.</summary>
    Calibrated,
}
