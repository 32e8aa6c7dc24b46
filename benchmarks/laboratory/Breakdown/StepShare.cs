using AdaptiveKv.Inference.Timing;

namespace AdaptiveKv.Laboratory.Breakdown;

/// <summary>A part of a decoded token.</summary>
/// <param name="Part">Its name.</param>
/// <param name="Microseconds">Median over the steps, mean over the threads.</param>
/// <param name="Work">What it reads and computes.</param>
internal sealed record StepShare(string Part, double Microseconds, StepWork Work)
{
    /// <summary>"QueryKeyValue" is "query key value".</summary>
    public static string Name(StepPart part) =>
        string.Concat(part.ToString().Select((letter, i) => i > 0 && char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    /// <summary>Gigabytes read per second; null where there was no time.</summary>
    public double? GigabytesPerSecond => Microseconds > 0 ? Work.Bytes / (Microseconds * 1e3) : null;

    /// <summary>The least time its bytes take from memory over the time it took.</summary>
    public double ShareOfMemory(MachineLimits limits) => Work.Bytes / limits.MemoryGigabytesPerSecond / (Microseconds * 1e3);

    /// <summary>The least time its products take over the time it took.</summary>
    public double ShareOfArithmetic(MachineLimits limits) =>
        ((Work.Int8Products / limits.Int8GigaProductsPerSecond) + (Work.FloatProducts / limits.FloatGigaProductsPerSecond)) / (Microseconds * 1e3);
}
