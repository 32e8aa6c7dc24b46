using System.Text;
using AdaptiveKv.Inference.Models;

namespace AdaptiveKv.Unit.Inference.Models;

/// <summary>Files of another kind are refused by their first bytes, with what to do.</summary>
public sealed class FileKindTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", "empty or truncated")]
    [InlineData("GGU", "empty or truncated")]
    [InlineData("FUGG\0\0\0\u0003", "byte-swapped")]
    [InlineData("tjgg\u0003\0\0\0", "before GGUF")]
    [InlineData("PK\u0003\u0004data", "ZIP archive")]
    [InlineData("\u0080\u0002}q\0", "pickle")]
    [InlineData("\u0010\0\0\0\0\0\0\0{\"__", "give the folder it is in")]
    [InlineData("hello world", "neither a GGUF file nor")]
    public void Refused_by_magic(string content, string problem) =>
        Refusal.Of(folder.Write("model", Encoding.Latin1.GetBytes(content)), "magic", problem, offset: 0);

    [Fact]
    public void A_missing_file_is_named()
    {
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => ModelSource.Open(folder["absent.gguf"]));

        Assert.Contains("absent.gguf", error.Message, StringComparison.Ordinal);
    }
}
