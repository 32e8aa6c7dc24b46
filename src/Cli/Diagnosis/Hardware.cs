using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using AdaptiveKv.Evaluation.Provenance;

namespace AdaptiveKv.Cli.Diagnosis;

/// <summary>What the engine's speed depends on: processor, instruction sets, memory.</summary>
internal static class Hardware
{
    private const long SmallMemory = 1L << 30;
    private const string HugePageSetting = "/sys/kernel/mm/transparent_hugepage/enabled";

    /// <summary>Looks at this machine.</summary>
    public static IEnumerable<Finding> Examine()
    {
        Machine machine = Machine.Current;
        yield return new(BitConverter.IsLittleEndian && Environment.Is64BitProcess ? Severity.Good : Severity.Fault, "system",
            $"{machine.OperatingSystem}, {RuntimeInformation.ProcessArchitecture} (needs 64 bits, little-endian)");
        yield return new(Severity.Good, "processor", $"{machine.Cpu}, {machine.Cores} cores usable");
        yield return Avx2.IsSupported || AdvSimd.IsSupported
            ? new(Severity.Good, "instructions", machine.InstructionSets)
            : new(Severity.Limited, "instructions", "neither AVX2 nor AdvSimd in use: portable kernels, many times slower");
        long usable = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        yield return new(usable >= SmallMemory ? Severity.Good : Severity.Limited, "memory", $"{Amount.Text(usable, Amount.Bytes)} usable");
        yield return new(Severity.Good, "huge pages", HugePages());
    }

    // The chosen word stands in brackets: "always [madvise] never".
    private static string HugePages() =>
        !File.Exists(HugePageSetting) ? "not applicable"
        : File.ReadAllText(HugePageSetting).Split('[', ']') is [_, string mode, ..] ? mode
        : "unknown";
}
