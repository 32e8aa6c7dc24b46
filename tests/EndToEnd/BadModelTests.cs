using System.Text;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>Model files that cannot be used: one clear line each, exit code 65 or 66, no stack trace without -v.</summary>
public sealed class BadModelTests : IDisposable
{
    private const int BadData = 65;
    private const int MissingInput = 66;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AMissingModelIsNamed() => Akv.Run("model", "info", folder.PathOf("absent.gguf")).IsRefused(MissingInput, "absent.gguf", "no such file");

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    [InlineData(500)]
    [InlineData(1_400_000)]
    public void ATruncatedModelIsNamed(int length)
    {
        string path = folder.Write("cut.gguf", File.ReadAllBytes(SharedFiles.MicroModel).AsSpan(0, length));

        Akv.Run("model", "info", path).IsRefused(BadData, "cut.gguf");
    }

    [Fact]
    public void AnotherArchitectureIsNamed()
    {
        byte[] content = File.ReadAllBytes(SharedFiles.MicroModel);
        int value = content.AsSpan().IndexOf("general.architecture"u8) + "general.architecture".Length + sizeof(int) + sizeof(long);
        Assert.Equal("llama", Encoding.ASCII.GetString(content, value, 5));
        "mamba"u8.CopyTo(content.AsSpan(value));

        Akv.Run("model", "info", folder.Write("mamba.gguf", content)).IsRefused(BadData, "mamba.gguf", "general.architecture", "llama");
    }

    [Fact]
    public void AFileOfAnotherKindIsNamed() =>
        Akv.Run("model", "info", folder.Write("weights.bin", "PK\x03\x04 a zip archive with a pickle"u8)).IsRefused(BadData, "weights.bin");

    [Fact]
    public void WhereAnErrorComesFromIsShownOnRequest()
    {
        Outcome outcome = Akv.Run("model", "info", folder.PathOf("absent.gguf"), "-v");

        Assert.Equal(MissingInput, outcome.Code);
        Assert.Contains("   at AdaptiveKv.", outcome.Error, StringComparison.Ordinal);
    }
}
