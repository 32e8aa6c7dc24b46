namespace AdaptiveKv.Unit.Inference.Reference;

/// <summary>How far the engine's logits may be from double precision, as a share of their root mean square; two and a half times the most that was seen, or more.</summary>
internal static class Tolerance
{
    /// <summary>Single precision: 2^-24 per operation, sums of some hundred terms, three layers, the exponential's polynomial.</summary>
    public const double Float = 4e-5;

    /// <summary>Keys and values in binary16: 2^-12 of each.</summary>
    public const double Half = 1e-2;

    /// <summary>Activations of 16 bits: 2^-16 of the largest of 32; a weight between two codes may fall to either.</summary>
    public const double Int8 = 5e-3;

    /// <summary>4-bit weights whose products of two scales are rounded to binary16: 2^-12 of each.</summary>
    public const double RoundedScales = 0.05;
}
