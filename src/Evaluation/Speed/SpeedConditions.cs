using System.Diagnostics;
using System.Reflection;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using AdaptiveKv.Inference.Decoding;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>What makes every figure of speed worthless.</summary>
public static class SpeedConditions
{
    /// <summary>Why this process should not be timed; empty where it may be.</summary>
    public static IReadOnlyList<string> Faults { get; } = Examine(
        typeof(LlamaModel).Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled == true, Avx2.IsSupported || AdvSimd.IsSupported);

    internal static IReadOnlyList<string> Examine(bool debugBuild, bool vectors) =>
    [
        .. debugBuild ? ["this is a Debug build: build with -c Release"] : Array.Empty<string>(),
        .. vectors ? Array.Empty<string>() : ["neither AVX2 nor AdvSimd is in use: take a machine that has one, without DOTNET_EnableAVX2=0"],
    ];
}
