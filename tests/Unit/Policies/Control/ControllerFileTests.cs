using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.Files;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Policies.Control;

public sealed class ControllerFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Path => folder["controller.safetensors"];

    private static Controller Whole { get; } = new(Sample.Controller(6, 5).Features, Sample.Controller(6, 5).Layers, Sample.Tiers, Sample.Record)
    {
        Budget = new BudgetCurve([-1.5, 0, 2], [16, 4.25, 2.5]),
        Rarity = RarityTable.Of(10, [1, 1, 2, 9]),
        Probe = new HiddenProbe(20, [0.5f, -1, 2], -3),
    };

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_written_is_read()
    {
        ControllerFile.Write(Path, Whole);

        ControllerFile file = ControllerFile.Read(Path);
        Controller read = file.Controller;

        Assert.Equal(Whole.Features, read.Features);
        Assert.Equal(Whole.Tiers, read.Tiers);
        Assert.Equal(Whole.Layers.SelectMany(layer => layer.Weights.Concat(layer.Bias)), read.Layers.SelectMany(layer => layer.Weights.Concat(layer.Bias)));
        Assert.Equal(Whole.Budget!.Prices, read.Budget!.Prices);
        Assert.Equal(Whole.Budget.Bits, read.Budget.Bits);
        Assert.Equal(Whole.Rarity!.Values, read.Rarity!.Values);
        Assert.Equal((20, 3, Whole.Probe!.Of([1, 2, 3])), (read.Probe!.Layer, read.Probe.Width, read.Probe.Of([1, 2, 3])));
        Assert.Equal(Whole.Record.Metrics.OrderBy(pair => pair.Key), read.Record.Metrics);
        Assert.Equal(Whole.Record with { Metrics = read.Record.Metrics }, read.Record);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path))), file.Sha256);
        float[] expected = new float[4];
        float[] actual = new float[4];
        Whole.Logits(Sample.Numbers(14, 1, 3f), expected);
        read.Logits(Sample.Numbers(14, 1, 3f), actual);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Dropping_is_a_tier_like_others()
    {
        ControllerFile.Write(Path, Sample.Dropping(6));

        Controller read = ControllerFile.Read(Path).Controller;

        Assert.Equal([("0", 0), ("2", 2.25), ("4", 4.25), ("16", 16)], read.Tiers.Select(cost => (cost.Tier.ToString(), cost.Bits)));
        Assert.Equal(0, read.Choose(Sample.Numbers(14, 1, 3f), price: 1000));
    }

    [Fact]
    public void A_controller_that_predicts_losses_stays_one()
    {
        Controller predicting = new(Whole.Features, Whole.Layers, Whole.Tiers, Whole.Record) { PredictsLoss = true };
        ControllerFile.Write(Path, predicting);

        Controller read = ControllerFile.Read(Path).Controller;

        float[] logarithms = new float[4];
        float[] logits = new float[4];
        Whole.Logits(Sample.Numbers(14, 1, 1f), logarithms);
        read.Logits(Sample.Numbers(14, 1, 1f), logits);
        Assert.True(read.PredictsLoss);
        double[] costs = [0, 0.5 * 2 / 13.75, 0.5 * 6 / 13.75, 0.5];
        Assert.All(Enumerable.Range(0, 4), tier => Assert.Equal(-(Math.Exp(logarithms[tier]) + costs[tier]), logits[tier], 1e-4 * (1 + Math.Exp(logarithms[tier]))));
    }

    [Fact]
    public void Parts_that_a_controller_lacks_are_left_out()
    {
        ControllerFile.Write(Path, Sample.Controller(3));

        Controller read = ControllerFile.Read(Path).Controller;

        Assert.Null(read.Budget);
        Assert.Null(read.Rarity);
        Assert.Null(read.Probe);
        Assert.Contains("this controller has no probe", Assert.Throws<ModelFormatException>(() => ControllerFile.ReadProbe(Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_probe_is_read_from_a_controller_or_a_file_of_its_own()
    {
        ControllerFile.Write(Path, Whole);
        Whole.Probe!.Write(folder["probe.safetensors"], new string('a', 64));

        HiddenProbe inside = ControllerFile.ReadProbe(Path), own = ControllerFile.ReadProbe(folder["probe.safetensors"]);

        Assert.Equal((20, Whole.Probe.Of([1, 2, 3])), (inside.Layer, inside.Of([1, 2, 3])));
        Assert.Equal((20, Whole.Probe.Of([1, 2, 3])), (own.Layer, own.Of([1, 2, 3])));
        Assert.Throws<FileNotFoundException>(() => ControllerFile.ReadProbe(folder["nothing"]));
    }

    [Fact]
    public void The_same_controller_gives_the_same_bytes()
    {
        ControllerFile.Write(Path, Whole);
        byte[] first = File.ReadAllBytes(Path);
        ControllerFile.Write(Path, ControllerFile.Read(Path).Controller);

        Assert.Equal(first, File.ReadAllBytes(Path));
    }

    [Theory]
    [InlineData("\"version\":\"2\"", "\"version\":\"3\"", "metadata 'version'", "use a newer akv")]
    [InlineData("\"version\":\"2\"", "\"version\":\"1\"", "metadata 'version'", "make the file again")]
    [InlineData("akv-controller", "akv-kontroller", "metadata 'format'", "this is no controller")]
    [InlineData("\"layer.1.bias\":", "\"layer.1.Bias\":", "layer.1.bias", "the tensor is missing")]
    [InlineData("\"F32\",\"shape\":[6,4]", "\"F32\",\"shape\":[4,6]", "layer.0.weight", "is F32 [4, 6]; this controller's is F32 [6, 4]")]
    [InlineData("\"F32\"", "\"I32\"", "layer.0.weight", "is I32")]
    [InlineData("22confidence", "22konfidence", "metadata 'controller'", "did you mean 'confidence'")]
    [InlineData("u00228", "u00229", "metadata 'controller'", "unknown tier '9'")]
    [InlineData("hidden", "hiddem", "metadata 'controller'", "hidde")]
    [InlineData("[6,5]", "[6,0]", "metadata 'controller'", "hidden is [6, 0]")]
    [InlineData("[-1.5,0,2]", "[-1.5,0,0]", "metadata 'controller'", "rising prices")]
    [InlineData("\"rarity\":", "\"rariti\":", "rariti", "has no such tensor")]
    [InlineData("\"probe.bias\":", "\"probe.bais\":", "probe.bias", "the tensor is missing")]
    [InlineData("probe_layer\\u0022:20", "probe_layer\\u0022:-2", "metadata 'layer'", "no layer")]
    [InlineData("\"shape\":[10]", "\"shape\":[11]", "rarity", "data_offsets span 40 bytes")]
    public void A_header_that_says_something_else_is_refused(string part, string other, string field, string problem)
    {
        ControllerFile.Write(Path, Whole);
        byte[] content = File.ReadAllBytes(Path);
        int place = content.AsSpan().IndexOf(Encoding.ASCII.GetBytes(part));
        Assert.True(place >= 0 && part.Length == other.Length);
        Encoding.ASCII.GetBytes(other).CopyTo(content.AsSpan(place));

        Refused(content, field, problem);
    }

    [Theory]
    [InlineData(0, float.NaN, "layer.0.weight")]
    [InlineData(24, float.PositiveInfinity, "layer.0.bias")]
    public void Numbers_that_are_not_finite_are_refused(int index, float value, string field)
    {
        ControllerFile.Write(Path, Whole);
        byte[] content = File.ReadAllBytes(Path);
        int data = sizeof(ulong) + (int)BinaryPrimitives.ReadUInt64LittleEndian(content);
        MemoryMarshal.Cast<byte, float>(content.AsSpan(data))[index] = value;

        Refused(content, field, "expected finite numbers");
    }

    [Fact]
    public void Every_prefix_is_refused()
    {
        ControllerFile.Write(Path, Whole);
        byte[] content = File.ReadAllBytes(Path);
        for (int length = 0; length < content.Length; length += 3)
        {
            File.WriteAllBytes(Path, content[..length]);
            Assert.Throws<ModelFormatException>(() => ControllerFile.Read(Path));
        }
    }

    [Fact]
    public void A_missing_file_is_named() => Assert.Equal(
        $"{Path}: no such controller; 'akv train' makes one", Assert.Throws<FileNotFoundException>(() => ControllerFile.Read(Path)).Message);

    private void Refused(byte[] content, string field, string problem)
    {
        File.WriteAllBytes(Path, content);
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => ControllerFile.Read(Path));
        Assert.Equal(field, error.Field);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
