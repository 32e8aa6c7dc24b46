using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text;
using AdaptiveKv.Inference.Threads;

namespace AdaptiveKv.Evaluation.Provenance;

/// <summary>The machine a figure was taken on.</summary>
/// <param name="Cpu">The processor's own name.</param>
/// <param name="Cores">Logical processors the process may use; null in a pipeline, where they change nothing.</param>
/// <param name="InstructionSets">SIMD extensions that the runtime uses here, comma-separated.</param>
/// <param name="OperatingSystem">Name and version.</param>
/// <param name="Runtime">.NET version.</param>
public sealed record Machine(string Cpu, int? Cores, string InstructionSets, string OperatingSystem, string Runtime)
{
    /// <summary>This machine.</summary>
    public static Machine Current { get; } = new(
        CpuName(),
        Processors.Logical,
        string.Join(", ", SupportedSets()),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription);

    private static string CpuName()
    {
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < 0x80000004)
        {
            return RuntimeInformation.ProcessArchitecture.ToString();
        }

        // The brand string: 48 bytes of text in leaves 0x80000002 to 0x80000004, padded with NUL or blanks.
        Span<byte> brand = stackalloc byte[48];
        for (int leaf = 0; leaf < 3; leaf++)
        {
            (int eax, int ebx, int ecx, int edx) = X86Base.CpuId(unchecked((int)0x80000002) + leaf, 0);
            Span<byte> part = brand[(16 * leaf)..];
            BinaryPrimitives.WriteInt32LittleEndian(part, eax);
            BinaryPrimitives.WriteInt32LittleEndian(part[4..], ebx);
            BinaryPrimitives.WriteInt32LittleEndian(part[8..], ecx);
            BinaryPrimitives.WriteInt32LittleEndian(part[12..], edx);
        }

        return Brand(brand) is { Length: > 0 } name ? name : RuntimeInformation.ProcessArchitecture.ToString();
    }

    /// <summary>The text of a brand string; on a virtual machine it is what the hypervisor says, and the system may know another name.</summary>
    internal static string Brand(ReadOnlySpan<byte> padded) =>
        string.Join(' ', Encoding.ASCII.GetString(padded).TrimEnd('\0').Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> SupportedSets()
    {
        (string Name, bool Supported)[] sets =
        [
            ("SSE4.2", Sse42.IsSupported),
            ("AVX2", Avx2.IsSupported),
            ("FMA", Fma.IsSupported),
            ("AVX-VNNI", AvxVnni.IsSupported),
            ("AVX-512F", Avx512F.IsSupported),
            ("AVX-512VBMI", Avx512Vbmi.IsSupported),
            ("AdvSimd", AdvSimd.IsSupported),
            ("Dp", Dp.IsSupported),
        ];
        return sets.Where(set => set.Supported).Select(set => set.Name);
    }
}
