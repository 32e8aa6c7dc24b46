using System.Security.Cryptography;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.Gguf;

namespace AdaptiveKv.Unit.Files;

/// <summary>Files that change or end while they are open (G29), and the hash.</summary>
public sealed class ModelFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void G29_a_file_cut_after_it_was_opened_is_an_error()
    {
        string path = folder.Write("model.gguf", TinyLlama.Builder().Build());
        using ModelSource model = ModelFormats.Open(path);
        using (FileStream cut = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            cut.SetLength(cut.Length - 100);
        }

        ModelFormatException error = Assert.Throws<ModelFormatException>(
            () => model.Tensors["output_norm.weight"].ReadRows(0, 1, new byte[128]));

        Assert.Equal("output_norm.weight", error.Field);
        Assert.Contains("was cut after it was opened", error.Message, StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => model.Sha256);
    }

    [Fact]
    public void G29_a_file_replaced_after_it_was_opened_is_still_the_old_one()
    {
        string path = folder.Write("model.gguf", TinyLlama.Builder().Build());
        using ModelSource model = ModelFormats.Open(path);
        File.Move(folder.Write("other", new byte[10]), path, overwrite: true);
        byte[] norm = new byte[128];

        model.Tensors["output_norm.weight"].ReadRows(0, 1, norm);

        Assert.Equal(1f, BitConverter.ToSingle(norm));
    }

    [Fact]
    public void Hash_is_that_of_the_file()
    {
        byte[] content = TinyLlama.Builder().Build();
        using ModelSource model = ModelFormats.Open(folder.Write("model.gguf", content));

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), model.Sha256);
    }

    [Fact]
    public void Rows_are_read_by_position_and_checked()
    {
        byte[] data = [.. Enumerable.Range(0, 6 * 32).SelectMany(i => BitConverter.GetBytes((float)i))];
        GgufBuilder builder = TinyLlama.Builder(TensorType.F32).Change("token_embd.weight", tensor => tensor with { Data = data });
        using ModelSource model = ModelFormats.Open(folder.Write("model.gguf", builder.Build()));
        ModelTensor tensor = model.Tensors["token_embd.weight"];
        byte[] rows = new byte[2 * tensor.RowBytes];

        tensor.ReadRows(3, 2, rows);

        Assert.Equal((6, 32, 128), (tensor.Rows, tensor.Columns, tensor.RowBytes));
        Assert.Equal(96f, BitConverter.ToSingle(rows));
        Assert.Equal(159f, BitConverter.ToSingle(rows.AsSpan(rows.Length - 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ReadRows(5, 2, rows));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.ReadRows(-1, 2, rows));
        Assert.Throws<ArgumentException>(() => tensor.ReadRows(0, 1, rows));
    }
}
