using AdaptiveKv.Files;
using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Inference;

/// <summary>A code as a user chose it, before the model is known.</summary>
/// <param name="Code">The code.</param>
/// <param name="Transform">File of the calibrated transform; null for the other codes.</param>
/// <param name="Range">How ranges are chosen.</param>
/// <param name="GroupSize">Elements that share a scale; 0 stands for a whole head.</param>
/// <param name="Sinks">First tokens that every policy keeps at 16 bits.</param>
/// <param name="Recent">Newest tokens that every policy keeps at 16 bits.</param>
public sealed record CodeSetup(CacheCode Code, string? Transform, RangeSearch Range, int GroupSize, int Sinks, int Recent)
{
    /// <summary>The best code that needs no calibration.</summary>
    public static CodeSetup Default { get; } = new(CacheCode.Hadamard, null, RangeSearch.Clip, 0, 0, 0);

    /// <summary>The best code there is with a transform, or without one.</summary>
    /// <param name="transform">File of a calibrated transform; null for none.</param>
    /// <param name="sinks">First tokens that every policy keeps at 16 bits.</param>
    public static CodeSetup Best(string? transform, int sinks) =>
        Default with { Code = transform is null ? CacheCode.Hadamard : CacheCode.Calibrated, Transform = transform, Sinks = sinks };

    /// <summary>The code on a model, and its record for reports.</summary>
    /// <exception cref="ModelFormatException">The transform is malformed or of another model.</exception>
    /// <exception cref="ArgumentException">The group size does not fit the model.</exception>
    public (KvCacheOptions Options, CodeRecord Record) For(LlamaModel model)
    {
        TransformFile? file = Transform is null ? null : TransformFile.Read(Transform, model);
        CacheShape shape = model.CacheShape;
        var options = new KvCacheOptions
        {
            Range = Range,
            GroupSize = GroupSize,
            Profile = file?.Profile ?? PrecisionProfile.Uniform,
            Transform = file?.Transform ?? (Code == CacheCode.Hadamard ? new KvTransform(shape, rotate: true) : null),
        };
        int group = GroupSize == 0 ? shape.HeadDim : GroupSize;
        return (options, new CodeRecord(Code, Range == RangeSearch.MinMax ? "minmax" : "clip", group, file?.Sha256, Sinks, Recent));
    }
}
