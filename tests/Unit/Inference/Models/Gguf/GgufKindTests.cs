using System.Text;
using AdaptiveKv.Inference.Models.Conversion;

namespace AdaptiveKv.Unit.Inference.Models.Gguf;

/// <summary>Files of another kind are refused by their first bytes, with what to do.</summary>
public sealed class GgufKindTests : IDisposable
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
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 134515008\n", "git-lfs pointer, not the file itself: run 'git lfs pull'")]
    [InlineData("\u00EF\u00BB\u00BF\n <!DOCTYPE html><html><head><title>Sign in</title>", "an HTML page")]
    [InlineData("<HTML lang=\"en\">", "an HTML page")]
    [InlineData("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "an XML page")]
    [InlineData("Entry not found", "an error message of the download")]
    [InlineData("\u001f\u008b\u0008\0\0\0\0\0\0\u0003", "packed with gzip; unpack it first")]
    [InlineData("(\u00b5/\u00fd\u0004\0", "packed with zstd")]
    [InlineData("\u00fd7zXZ\0\0", "packed with xz")]
    [InlineData("BZh91AY", "packed with bzip2")]
    [InlineData("\u0089HDF\r\n\u001a\n", "an HDF5 file")]
    public void Refused_by_magic(string content, string problem) =>
        Refusal.Of(folder.Write("model", Encoding.Latin1.GetBytes(content)), "magic", problem, offset: 0);

    [Fact]
    public void A_missing_file_is_named()
    {
        FileNotFoundException error = Assert.Throws<FileNotFoundException>(() => ModelFormats.Open(folder["absent.gguf"]));

        Assert.Contains("absent.gguf", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Archives_and_lost_beginnings_are_recognized_further_in()
    {
        byte[] tar = new byte[1024];
        "model.gguf"u8.CopyTo(tar);
        "ustar"u8.CopyTo(tar.AsSpan(257));

        Refusal.Of(folder.Write("model", tar), "magic", "packed with tar");
        Refusal.Of(folder.Write("model", new byte[1024]), "magic", "begins with zeros only");
    }

    [Fact]
    public void A_folder_that_only_holds_a_gguf_file_names_it()
    {
        folder.Write("b.gguf", "GGUF");
        folder.Write("a.gguf", "GGUF");

        Assert.Contains($"give a file in it, such as {folder["a.gguf"]}", Assert.Throws<FileNotFoundException>(() => ModelFormats.Open(folder.Path)).Message, StringComparison.Ordinal);
    }
}
