using System.Diagnostics;
using System.Reflection;
using System.Runtime.Intrinsics.X86;
using AdaptiveKv.Inference.Decoding;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>What makes every figure of speed worthless.</summary>
public static class SpeedConditions
{
    /// <summary>Why this process should not be timed; empty where it may be.</summary>
    public static IReadOnlyList<string> Faults { get; } = Examine(
        typeof(LlamaModel).Assembly.GetCustomAttribute<DebuggableAttribute>()?.IsJITOptimizerDisabled == true, Avx2.IsSupported);

    internal static IReadOnlyList<string> Examine(bool debugBuild, bool avx2) =>
    [
        .. debugBuild ? ["this is a Debug build: build with -c Release"] : Array.Empty<string>(),
        .. avx2 ? Array.Empty<string>() : ["AVX2 is not in use: take a machine that has it, without DOTNET_EnableAVX2=0"],
    ];
}
