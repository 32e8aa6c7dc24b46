using AdaptiveKv.Files;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Policies.Control;

namespace AdaptiveKv.Unit.Policies.Saliency;

public sealed class RarityTableTests : IDisposable
{
    private static readonly string Model = new('a', 64);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Rare_tokens_weigh_more()
    {
        RarityTable table = RarityTable.Of(4, [0, 0, 0, 1, 2, 2]);

        Assert.Equal([(float)Math.Log(10 / 4.0), (float)Math.Log(10 / 2.0), (float)Math.Log(10 / 3.0), (float)Math.Log(10)], table.Values.ToArray());
        Assert.Equal((float)Math.Log(10), table[3]);
        Assert.True(float.IsNaN(table[4]) && float.IsNaN(table[-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RarityTable.Of(4, [4]));
    }

    [Fact]
    public void What_is_written_is_read()
    {
        RarityTable table = RarityTable.Of(100, [5, 6, 6, 99]);
        table.Write(folder["rarity.safetensors"], Model);
        byte[] first = File.ReadAllBytes(folder["rarity.safetensors"]);
        RarityTable read = RarityTable.Read(folder["rarity.safetensors"]);
        read.Write(folder["rarity.safetensors"], Model);

        Assert.Equal(table.Values, read.Values);
        Assert.Equal(first, File.ReadAllBytes(folder["rarity.safetensors"]));
    }

    [Fact]
    public void Another_file_is_refused()
    {
        ControllerFile.Write(folder["controller.safetensors"], Sample.Controller(2));

        Assert.Contains(
            "this is no rarity table",
            Assert.Throws<ModelFormatException>(() => RarityTable.Read(folder["controller.safetensors"])).Message,
            StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => RarityTable.Read(folder["nothing"]));
    }
}
