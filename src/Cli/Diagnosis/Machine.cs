using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Cli.Diagnosis;

/// <summary>What the engine's speed depends on: processor, instruction sets, memory.</summary>
internal static class Machine
{
    /// <summary>Looks at the machine.</summary>
    public static IEnumerable<Finding> Examine()
    {
        yield return new(BitConverter.IsLittleEndian && Environment.Is64BitProcess ? Severity.Good : Severity.Fault, "system",
            $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture} (needs 64 bits, little-endian)");
        yield return new(Severity.Good, "processor", $"{ProcessorName()}, {Environment.ProcessorCount} cores usable");
        yield return InstructionSets();
        yield return Memory();
        yield return HugePages();
    }

    private static Finding InstructionSets()
    {
        (string Name, bool InUse)[] sets =
        [
            ("AVX2", Avx2.IsSupported), ("FMA", Fma.IsSupported), ("AVX-VNNI", AvxVnni.IsSupported), ("AVX-512", Avx512BW.IsSupported), ("AdvSimd", AdvSimd.IsSupported),
        ];
        bool fast = Avx2.IsSupported || AdvSimd.IsSupported;
        string names = string.Join(", ", sets.Where(set => set.InUse).Select(set => set.Name));
        return fast
            ? new(Severity.Good, "instructions", names)
            : new(Severity.Limited, "instructions", $"neither AVX2 nor AdvSimd in use: portable kernels, several times slower {names}".TrimEnd());
    }

    private static Finding Memory()
    {
        const long Needed = 1L << 30;
        long usable = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new(usable >= Needed ? Severity.Good : Severity.Limited, "memory", $"{Amount.Text(usable, Amount.Bytes)} usable");
    }

    private static Finding HugePages()
    {
        const string Setting = "/sys/kernel/mm/transparent_hugepage/enabled";
        string chosen = File.Exists(Setting) ? File.ReadAllText(Setting).Split('[', ']') is [_, string mode, ..] ? mode : "unknown" : "not applicable";
        return new(Severity.Good, "huge pages", chosen);
    }

    private static string ProcessorName()
    {
        const string Description = "/proc/cpuinfo";
        string? line = File.Exists(Description) ? File.ReadLines(Description).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? string.Create(CultureInfo.InvariantCulture, $"{RuntimeInformation.ProcessArchitecture}");
    }
}
