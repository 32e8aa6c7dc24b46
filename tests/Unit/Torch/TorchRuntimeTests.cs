using AdaptiveKv.Torch;
using TorchSharp;

namespace AdaptiveKv.Unit.Torch;

public sealed class TorchRuntimeTests
{
    [Fact]
    public void Libtorch_is_loaded_from_where_it_is_said_to_be()
    {
        TorchHere.Require();

        Assert.Equal(1, torch.get_num_threads());
        Assert.Equal(5f, torch.tensor(new[] { 2f, 3f }).sum().item<float>());
        Assert.True(Directory.Exists(TorchRuntime.Location), TorchRuntime.Location);
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("cpu")]
    public void The_processor_is_always_there(string name)
    {
        TorchHere.Require();
        torch.Device device = TorchDevice.Parse(name).Open();

        Assert.True(name == "auto" || device.type == DeviceType.CPU);
    }

    [Fact]
    public void A_device_that_is_not_there_is_named()
    {
        TorchHere.Require();

        Assert.Contains("device cuda:99 is asked for", Assert.Throws<FileNotFoundException>(() => TorchDevice.Parse("cuda:99").Open()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cpu:0")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:1:2")]
    [InlineData("CUDA")]
    [InlineData("")]
    public void Other_names_are_refused(string name) =>
        Assert.Contains($"is '{name}': expected auto", Assert.Throws<FormatException>(() => TorchDevice.Parse(name)).Message, StringComparison.Ordinal);
}
