using System.Runtime.InteropServices;
using AdaptiveKv.Evaluation.Provenance;

namespace AdaptiveKv.Unit.Evaluation.Provenance;

public sealed class MachineTests
{
    [Fact]
    public void This_machine_is_described()
    {
        Machine machine = Machine.Current;

        Assert.Equal(Environment.ProcessorCount, machine.Cores);
        Assert.StartsWith(".NET 10.", machine.Runtime);
        Assert.Equal(RuntimeInformation.OSDescription, machine.OperatingSystem);
        Assert.DoesNotContain('\0', machine.Cpu);
        Assert.NotEmpty(machine.Cpu);
    }

    [Fact]
    public void The_processors_name_is_the_systems()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64, "compares with /proc/cpuinfo of x86-64 Linux");

        string line = File.ReadLines("/proc/cpuinfo").First(text => text.StartsWith("model name", StringComparison.Ordinal));
        Assert.Equal(line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(), Machine.Current.Cpu);
    }
}
