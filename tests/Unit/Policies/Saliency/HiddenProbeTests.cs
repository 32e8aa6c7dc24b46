using AdaptiveKv.Files;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Policies.Saliency;

public sealed class HiddenProbeTests : IDisposable
{
    private static readonly string Model = new('a', 64);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_reads_the_hidden_state_over_its_root_mean_square()
    {
        HiddenProbe probe = new(1, [1, -2], 0.5f);

        Assert.Equal(((3 - 8) / Math.Sqrt(12.5)) + 0.5, probe.Of([3, 4]), 1e-6);
        Assert.Equal(probe.Of([3, 4]), probe.Of([300, 400]), 1e-6);
    }

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(float.NaN, 1f)]
    [InlineData(float.PositiveInfinity, 1f)]
    public void Of_a_state_that_is_none_it_knows_nothing(float first, float second) => Assert.Equal(float.NaN, new HiddenProbe(1, [1, -2], 0.5f).Of([first, second]));

    [Fact]
    public void What_is_written_is_read()
    {
        HiddenProbe probe = new(20, [1, -2, 0.25f], -4);
        probe.Write(folder["probe.safetensors"], Model);
        byte[] first = File.ReadAllBytes(folder["probe.safetensors"]);
        HiddenProbe read = HiddenProbe.Read(folder["probe.safetensors"]);
        read.Write(folder["probe.safetensors"], Model);

        Assert.Equal((20, 3, probe.Of([1, 2, 3])), (read.Layer, read.Width, read.Of([1, 2, 3])));
        Assert.Equal(first, File.ReadAllBytes(folder["probe.safetensors"]));
    }

    [Fact]
    public void Another_file_is_refused()
    {
        RarityTable.Of(4, [1]).Write(folder["rarity.safetensors"], Model);

        Assert.Contains("this is no probe", Assert.Throws<ModelFormatException>(() => HiddenProbe.Read(folder["rarity.safetensors"])).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => HiddenProbe.Read(folder["nothing"]));
    }
}
