using System.Text;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Unit.Inference.Models.HuggingFace;

namespace AdaptiveKv.Unit.Files.Safetensors;

/// <summary>Malformed safetensors files (S1 to S9).</summary>
public sealed class SafetensorsReaderTests : IDisposable
{
    private const string One = """{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}""";

    private readonly TinyFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void S1_every_prefix_of_a_file_is_refused()
    {
        byte[] whole = TinyFolder.Weights(folder.Tensors);
        folder.Save();
        using FileStream file = new(folder["model.safetensors"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

        for (int length = whole.Length - 1; length >= 0; length -= length > 2048 ? 17 : 1)
        {
            file.SetLength(length);
            Assert.Throws<ModelFormatException>(() => ModelFormats.Open(folder.Path).Dispose());
        }
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1ul << 63)]
    [InlineData(1ul << 32)]
    [InlineData(100_000ul)]
    public void S2_a_header_longer_than_the_file_is_refused(ulong length) =>
        Refused(TinyFolder.File(One + "}", 8, headerLength: length), "header length", $"is {length}");

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("not json")]
    [InlineData("{}{}")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2,], "data_offsets": [0, 8]}}""")]
    public void S3_a_header_that_is_no_json_is_refused(string header) => Refused(TinyFolder.File(header, 8), "JSON", "byte");

    [Theory]
    [InlineData("[]", "header", "a JSON object")]
    [InlineData("3", "header", "a JSON object")]
    [InlineData("""{"a": 3}""", "a", "an object")]
    [InlineData("""{"a": {"dtype": 3, "shape": [2], "data_offsets": [0, 8]}}""", "a", "a string as dtype")]
    [InlineData("""{"a": {"dtype": "F32", "shape": 2, "data_offsets": [0, 8]}}""", "a", "an array")]
    [InlineData("""{"a": {"dtype": "F32", "shape": ["2"], "data_offsets": [0, 8]}}""", "a", "integers")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2.5], "data_offsets": [0, 8]}}""", "a", "integers")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [1,1,1,1,1,1,1,1,2], "data_offsets": [0, 8]}}""", "a", "at most 8")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2]}}""", "a", "two data_offsets")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0]}}""", "a", "two data_offsets")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4, 8]}}""", "a", "two data_offsets")]
    [InlineData("""{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], "more": 1}}""", "a", "\"more\" is unknown")]
    public void S4_members_have_the_expected_types(string header, string field, string problem) =>
        Refused(TinyFolder.File(header, 8), field, problem);

    [Fact]
    public void S4_bytes_that_are_no_text_are_refused()
    {
        byte[] file = TinyFolder.File(One + "}", 8);
        file[file.AsSpan().IndexOf("a"u8)] = 0xFF;
        Refused(file, "JSON", "not valid UTF-8");
        Refused(TinyFolder.File(One.Replace("\"a\"", "\"\\ud800\"", StringComparison.Ordinal) + "}", 8), "JSON", "unpaired surrogate");
    }

    [Fact]
    public void S5_duplicates_are_refused()
    {
        Refused(TinyFolder.File(One + """, "a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}""", 8), "a", "occurs twice");
        byte[] member = TinyFolder.File("""{"a": {"dtype": "F32", "shape": [2], "shape": [2], "data_offsets": [0, 8]}}""", 8);
        Refused(member, "a.shape", "occurs twice, first in line 1");
    }

    [Theory]
    [InlineData("4, 12", "overlap or leave a hole")]
    [InlineData("9, 17", "overlap or leave a hole")]
    [InlineData("8, 4", "overlap or leave a hole")]
    [InlineData("-8, 8", "integers from 0")]
    [InlineData("8, 9223372036854775808", "integers from 0")]
    [InlineData("8, 1e1", "integers from 0")]
    public void S6_7_offsets_cover_the_data_without_overlap_or_hole(string offsets, string problem) =>
        Refused(TinyFolder.File(One + $$""", "b": {"dtype": "F32", "shape": [2], "data_offsets": [{{offsets}}]} }""", 16), "b", problem);

    [Fact]
    public void S9_trailing_bytes_are_refused()
    {
        Refused(TinyFolder.File(One + "}", 9), "data", "the tensors take 8 bytes; the file has 9");
        byte[] huge = TinyFolder.File(One + """, "b": {"dtype": "F32", "shape": [4], "data_offsets": [8, 9223372036854775807]}}""", 16);
        Refused(huge, "data", "truncated or has trailing bytes");
    }

    [Theory]
    [InlineData("""{"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}""", "are 12 bytes; data_offsets span 8")]
    [InlineData("""{"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 8]}""", "are 12 bytes")]
    [InlineData("""{"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 8]}""", "below 2^31")]
    [InlineData("""{"dtype": "F32", "shape": [2147483647, 536870911], "data_offsets": [0, 8]}""", "data_offsets span 8")]
    [InlineData("""{"dtype": "F32", "shape": [0], "data_offsets": [0, 8]}""", "at least 1")]
    [InlineData("""{"dtype": "F32", "shape": [], "data_offsets": [0, 8]}""", "0 dimensions")]
    [InlineData("""{"dtype": "F32", "shape": [1, 1, 2], "data_offsets": [0, 8]}""", "3 dimensions")]
    [InlineData("""{"dtype": "I8", "shape": [8], "data_offsets": [0, 8]}""", "I8 is not supported")]
    [InlineData("""{"dtype": "F8_E4M3", "shape": [8], "data_offsets": [0, 8]}""", "F8_E4M3 is not supported")]
    public void S8_type_times_shape_is_the_span(string entry, string problem) =>
        Refused(TinyFolder.File($$"""{"a": {{entry}} }""", 8), "a", problem);

    [Fact]
    public void Header_padding_and_any_order_of_names_load()
    {
        folder.Save();
        byte[] file = TinyFolder.Weights(folder.Tensors);
        int length = BitConverter.ToInt32(file);
        string header = Encoding.UTF8.GetString(file, 8, length);
        header = header.Replace("""{"__metadata__":{"format":"pt"},""", "{", StringComparison.Ordinal);
        string norm = header[header.IndexOf("\"model.norm", StringComparison.Ordinal)..^1];
        header = $"{{{norm},{header[1..^(norm.Length + 2)]}}}".PadRight(length + 40);
        folder.Write("model.safetensors", TinyFolder.File(header, file.Length - 8 - length));

        using ModelSource model = folder.Open();

        Assert.Equal(11, model.Tensors.Count);
    }

    private void Refused(byte[] file, string field, string problem)
    {
        folder.Write("model.safetensors", file);
        folder.Refused(field, problem);
    }
}
