using System.Runtime.InteropServices;
using System.Text;
using AdaptiveKv.Evaluation.Provenance;
using AdaptiveKv.Inference.Threads;

namespace AdaptiveKv.Unit.Evaluation.Provenance;

public sealed class MachineTests
{
    [Fact]
    public void This_machine_is_described()
    {
        Machine machine = Machine.Current;

        Assert.Equal(Processors.Logical, machine.Cores);
        Assert.StartsWith(".NET 10.", machine.Runtime);
        Assert.Equal(RuntimeInformation.OSDescription, machine.OperatingSystem);
        Assert.NotEmpty(machine.Cpu);
        Assert.DoesNotContain(machine.Cpu, char.IsControl);
    }

    [Theory]
    [InlineData("AMD EPYC 7763 64-Core Processor                \0", "AMD EPYC 7763 64-Core Processor")]
    [InlineData("      Intel(R) Core(TM) i7-2600K CPU @ 3.40GHz\0\0", "Intel(R) Core(TM) i7-2600K CPU @ 3.40GHz")]
    [InlineData("QEMU Virtual CPU  version 2.5+\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "QEMU Virtual CPU version 2.5+")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "")]
    public void A_brand_string_is_read_without_its_padding(string padded, string name) =>
        Assert.Equal(name, Machine.Brand(Encoding.ASCII.GetBytes(padded)));
}
