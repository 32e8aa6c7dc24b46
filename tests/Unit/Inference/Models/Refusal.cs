using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Unit.Inference.Models.Gguf;

namespace AdaptiveKv.Unit.Inference.Models;

/// <summary>Asserts that a model is refused by the right rule: field, part of the message, and offset where it is known.</summary>
internal static class Refusal
{
    public static void Of(GgufBuilder builder, string field, string problem, long? offset = null) =>
        Of(builder.Build(), field, problem, offset);

    public static void Of(byte[] file, string field, string problem, long? offset = null)
    {
        using TemporaryFolder folder = new();
        Of(folder.Write("model.gguf", file), field, problem, offset);
    }

    public static void Of(string path, string field, string problem, long? offset = null)
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => ModelFormats.Open(path).Dispose());
        Assert.Equal(field, error.Field);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        if (offset is not null)
        {
            Assert.Equal(offset, error.Offset);
        }
    }
}
