using AdaptiveKv.Data.Tasks;

namespace AdaptiveKv.Unit.Data.Tasks;

public sealed class TextFileTests : IDisposable
{
    private readonly string path = Path.Combine(Directory.CreateTempSubdirectory("akv-text-").FullName, "text");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);

    [Fact]
    public void The_text_is_kept_to_the_byte()
    {
        File.WriteAllText(path, " \n = Caf\u00E9 = \r\n\n");

        TextFile file = TextFile.Read(path);

        Assert.Equal(" \n = Caf\u00E9 = \r\n\n", file.Text);
        Assert.Equal(64, file.Sha256.Length);
    }

    [Theory]
    [InlineData(new byte[0], ": the file is empty")]
    [InlineData(new byte[] { 32, 10 }, ": the file is empty")]
    [InlineData(new byte[] { 97, 0xFF, 98 }, ": not valid UTF-8")]
    [InlineData(new byte[] { 97, 0, 98 }, ": this is a binary file, not text: expected plain UTF-8 text")]
    public void What_is_no_text_is_refused(byte[] content, string message)
    {
        File.WriteAllBytes(path, content);

        Assert.StartsWith(path + message, Assert.Throws<InvalidDataException>(() => TextFile.Read(path)).Message);
    }

    [Fact]
    public void A_missing_file_is_named() => Assert.Equal($"{path}: no such data file", Assert.Throws<FileNotFoundException>(() => TextFile.Read(path)).Message);

    [Fact]
    public void A_folder_is_no_file() =>
        Assert.Contains(": this is a folder, not a file", Assert.Throws<FileNotFoundException>(() => TextFile.Read(Path.GetDirectoryName(path)!)).Message);
}
