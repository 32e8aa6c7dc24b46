using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.Gguf;
using static AdaptiveKv.Unit.Inference.Models.Gguf.GgufBuilder;

namespace AdaptiveKv.Unit.Inference.Models.Gguf;

/// <summary>The structure of a header: counts, lengths, types, names, alignment (G1 to G10, G19 to G21).</summary>
public sealed class GgufReaderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(2u)]
    [InlineData(3u)]
    public void Versions_2_and_3_load(uint version)
    {
        GgufBuilder builder = TinyLlama.Builder();
        builder.Version = version;

        using ModelSource model = Opened(builder);

        Assert.Equal(6, model.Shape.Vocabulary);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void Custom_alignment_loads(int alignment)
    {
        GgufBuilder builder = TinyLlama.Builder().Set("general.alignment", (uint)alignment);
        builder.Alignment = alignment;

        using ModelSource model = Opened(builder);

        byte[] norm = new byte[32 * sizeof(float)];
        model.Tensors["output_norm.weight"].ReadRows(0, 1, norm);
        Assert.Equal(1f, BitConverter.ToSingle(norm));
    }

    [Fact]
    public void G1_every_prefix_of_a_file_is_refused()
    {
        byte[] whole = TinyLlama.Builder().Build();
        string path = folder.Write("model.gguf", whole);
        using FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

        for (int length = whole.Length - 1; length >= 0; length--)
        {
            file.SetLength(length);
            Assert.Throws<ModelFormatException>(() => ModelFormats.Open(path).Dispose());
        }
    }

    [Theory]
    [InlineData(0u, "GGUF version 0")]
    [InlineData(1u, "version 1 is no longer in use")]
    [InlineData(4u, "GGUF version 4")]
    [InlineData(0x03000000u, "big-endian")]
    public void G2_other_versions_are_refused(uint version, string problem)
    {
        GgufBuilder builder = TinyLlama.Builder();
        builder.Version = version;

        Refusal.Of(builder, "version", problem, offset: 4);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1ul << 40)]
    [InlineData(1ul << 63)]
    [InlineData(100_000ul)]
    public void G3_counts_are_compared_with_the_bytes_left(ulong count)
    {
        GgufBuilder tensors = TinyLlama.Builder();
        tensors.TensorCount = count;
        GgufBuilder pairs = TinyLlama.Builder();
        pairs.PairCount = count;

        Refusal.Of(tensors, "tensor count", "do not fit", offset: 8);
        Refusal.Of(pairs, "metadata count", "do not fit", offset: 16);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 7)]
    [InlineData(1ul << 32)]
    [InlineData(1ul << 20)]
    public void G4_string_lengths_are_compared_with_the_bytes_left(ulong length)
    {
        byte[] bytes = BitConverter.GetBytes(length);

        Refusal.Of(TinyLlama.Builder().Append("general.author", Id(GgufValueType.String), bytes), "general.author", "do not fit");
        Refusal.Of(
            new GgufBuilder { PairCount = 1 }.Append("general.architecture", Id(GgufValueType.String), bytes, new byte[8]),
            "general.architecture",
            "do not fit");
    }

    [Fact]
    public void G4_a_string_one_byte_longer_than_the_file_is_refused()
    {
        GgufBuilder builder = new GgufBuilder().Append(
            "k", Id(GgufValueType.String), BitConverter.GetBytes(65ul), new byte[64 - 33 - 8 - 4]);

        Refusal.Of(builder, "k", "do not fit");
    }

    [Fact]
    public void G5_a_header_has_a_budget_whatever_the_size_of_the_file()
    {
        byte[] start = [.. TinyLlama.Builder().Append("general.blob", Id(GgufValueType.String), BitConverter.GetBytes(290ul << 20)).Build()];
        string path = folder.Write("model.gguf", start);
        using (FileStream sparse = new(path, FileMode.Open))
        {
            sparse.SetLength(300 << 20);
        }

        Refusal.Of(path, "general.blob", "left of the 268435456 a header may have");
    }

    [Theory]
    [InlineData((uint)GgufValueType.UInt8, ulong.MaxValue)]
    [InlineData((uint)GgufValueType.UInt32, 1ul << 62)]
    [InlineData((uint)GgufValueType.UInt64, 1ul << 61)]
    [InlineData((uint)GgufValueType.Float64, (1ul << 61) + 1)]
    [InlineData((uint)GgufValueType.String, 1ul << 61)]
    [InlineData((uint)GgufValueType.Array, 1ul << 60)]
    public void G5_array_lengths_times_element_size_do_not_wrap(uint type, ulong count)
    {
        GgufBuilder builder = TinyLlama.Builder().Append(
            "general.tags", Id(GgufValueType.Array), Id((GgufValueType)type), BitConverter.GetBytes(count));

        Refusal.Of(builder, "general.tags", "do not fit");
    }

    [Fact]
    public void G6_deep_nesting_is_refused()
    {
        byte[] level = [.. Id(GgufValueType.Array), .. BitConverter.GetBytes(1ul)];
        byte[] nested = [.. Enumerable.Repeat(level, 100_000).SelectMany(bytes => bytes)];

        Refusal.Of(TinyLlama.Builder().Append("general.deep", Id(GgufValueType.Array), nested), "general.deep", "nested deeper than 8");
    }

    [Fact]
    public void G6_shallow_nesting_is_skipped()
    {
        byte[] inner = [.. Id(GgufValueType.UInt8), .. BitConverter.GetBytes(3ul), 1, 2, 3];
        GgufBuilder builder = TinyLlama.Builder().Append(
            "general.lists", Id(GgufValueType.Array), Id(GgufValueType.Array), BitConverter.GetBytes(2ul), inner, inner);

        using ModelSource model = Opened(builder);

        Assert.Equal(6, model.Vocabulary.Tokens.Count);
    }

    [Theory]
    [InlineData(13u)]
    [InlineData(uint.MaxValue)]
    public void G7_unknown_value_types_are_refused(uint type)
    {
        Refusal.Of(TinyLlama.Builder().Append("general.odd", Id((GgufValueType)type), new byte[8]), "general.odd", $"value type {type}");
        Refusal.Of(
            TinyLlama.Builder().Append("general.odd", Id(GgufValueType.Array), Id((GgufValueType)type), new byte[8]),
            "general.odd",
            $"value type {type}");
    }

    [Fact]
    public void G8_a_bool_that_is_neither_0_nor_1_is_refused()
    {
        Refusal.Of(TinyLlama.Builder().Append("general.flag", Id(GgufValueType.Bool), [2]), "general.flag", "a bool is 2");
        Refusal.Of(
            TinyLlama.Builder().Append(
                "general.flags", Id(GgufValueType.Array), Id(GgufValueType.Bool), BitConverter.GetBytes(2ul), [1, 255]),
            "general.flags",
            "a bool is 255");
    }

    [Fact]
    public void G10_keys_and_tensor_names_obey_rules()
    {
        Refusal.Of(TinyLlama.Builder().Append("", Encode(1u)), "metadata key", "has 0 bytes");
        Refusal.Of(TinyLlama.Builder().Append(new string('k', 65536), Encode(1u)), "metadata key", "has 65536 bytes");
        Refusal.Of(TinyLlama.Builder().Append("a\0b", Encode(1u)), "metadata key", "NUL");
        Refusal.Of(TinyLlama.Builder().Append("general.name", Encode("again")), "general.name", "occurs twice");
        Refusal.Of(TinyLlama.Builder().Add(TinyLlama.Norm("", 32)), "tensor name", "has 0 bytes");
        Refusal.Of(TinyLlama.Builder().Add(TinyLlama.Norm(new string('t', 65), 32)), "tensor name", "has 65 bytes");
        Refusal.Of(TinyLlama.Builder().Add(TinyLlama.Norm("a\0", 32)), "tensor name", "NUL");
        Refusal.Of(TinyLlama.Builder().Add(TinyLlama.Norm("output_norm.weight", 32)), "output_norm.weight", "occurs twice");
    }

    [Fact]
    public void G10_a_key_that_is_not_utf8_is_refused()
    {
        byte[] file = TinyLlama.Builder().Set("general.zz", 1u).Build();
        file[file.AsSpan().IndexOf("general.zz"u8)] = 0xFF;

        Refusal.Of(file, "metadata key", "not valid UTF-8");
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(13u)]
    [InlineData(1u << 17)]
    [InlineData(1u << 31)]
    public void G20_alignment_is_a_power_of_two_up_to_64_KiB(uint alignment) =>
        Refusal.Of(TinyLlama.Builder().Set("general.alignment", alignment), "general.alignment", $"is {alignment}; a power of two");

    [Fact]
    public void G20_alignment_of_another_type_is_refused()
    {
        Refusal.Of(TinyLlama.Builder().Set("general.alignment", 32ul), "general.alignment", "is UInt64");
        Refusal.Of(TinyLlama.Builder().Set("general.alignment", "32"), "general.alignment", "is String");
    }

    [Fact]
    public void G21_a_million_keys_take_no_quadratic_time()
    {
        const int keys = 1_000_000;
        using MemoryStream file = new();
        using BinaryWriter writer = new(file);
        writer.Write([.. "GGUF"u8, .. BitConverter.GetBytes(3u), .. BitConverter.GetBytes(0ul), .. BitConverter.GetBytes((ulong)keys)]);
        for (int i = 0; i < keys; i++)
        {
            writer.Write([.. BitConverter.GetBytes(7ul), .. "1234567"u8, .. Id(GgufValueType.UInt8), 0]);
            BitConverter.TryWriteBytes(file.GetBuffer().AsSpan((int)file.Position - 12, 7), 1L + i);
            file.GetBuffer().AsSpan((int)file.Position - 12, 7).Replace((byte)0, (byte)'.');
        }

        string path = folder.Write("model.gguf", file.ToArray());
        TimeSpan best = TimeSpan.MaxValue;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            long start = TimeProvider.System.GetTimestamp();
            Assert.Throws<ModelFormatException>(() => ModelFormats.Open(path));
            best = TimeSpan.FromTicks(Math.Min(best.Ticks, TimeProvider.System.GetElapsedTime(start).Ticks));
        }

        Assert.True(best < TimeSpan.FromSeconds(1), $"{best.TotalSeconds:F2} s for {keys} keys");
    }

    private ModelSource Opened(GgufBuilder builder) => ModelFormats.Open(folder.Write("model.gguf", builder.Build()));
}
