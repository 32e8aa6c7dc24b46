using AdaptiveKv.Inference.Models;

namespace AdaptiveKv.Unit.Inference.Models.Gguf;

/// <summary>Tensor descriptions: dimensions, types, offsets and extents (G11 to G18).</summary>
public sealed class GgufTensorTableTests
{
    private const string Name = "blk.0.ffn_up.weight";

    [Fact]
    public void G11_dimensions_are_1_to_4()
    {
        Refusal.Of(Changed(tensor => tensor with { Dimensions = [] }), Name, "0 dimensions");
        Refusal.Of(Changed(tensor => tensor with { Dimensions = [32, 64, 1, 1, 1] }), Name, "5 dimensions");
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(ulong.MaxValue)]
    [InlineData(1ul << 63)]
    [InlineData((1ul << 32) + 32)]
    [InlineData(1ul << 31)]
    public void G12_13_a_dimension_is_positive_and_below_2_to_31(ulong extent)
    {
        Refusal.Of(Changed(tensor => tensor with { Dimensions = [extent, 64] }), Name, $"dimension 0 is {extent}");
        Refusal.Of(Changed(tensor => tensor with { Dimensions = [32, extent] }), Name, $"dimension 1 is {extent}");
    }

    [Fact]
    public void G13_a_product_of_dimensions_that_wraps_is_refused()
    {
        const ulong large = 1ul << 30;

        Refusal.Of(Changed(tensor => tensor with { Dimensions = [32, large, 4] }), Name, "more than 2147483647 rows");
        Refusal.Of(Changed(tensor => tensor with { Dimensions = [large, large, large, large] }), Name, "more than 2147483647 rows");
        Refusal.Of(
            Changed(tensor => tensor with { Dimensions = [large, 1], Type = (uint)TensorType.F32 }), Name, "a row has 4294967296 bytes");
    }

    [Fact]
    public void G14_15_sizes_that_add_up_to_more_than_the_file_are_refused()
    {
        Refusal.Of(Changed(tensor => tensor with { Dimensions = [1 << 29, int.MaxValue] }), Name, "end past");
        Refusal.Of(Changed(tensor => tensor with { Offset = ulong.MaxValue - 31 }), Name, "past the end");
        Refusal.Of(Changed(tensor => tensor with { Offset = (ulong)(long.MaxValue - 31) }), Name, "past the end");
        Refusal.Of(Changed(tensor => tensor with { Offset = long.MaxValue / 2 / 32 * 32 }), Name, "end past");
    }

    [Theory]
    [InlineData(4u, "removed")]
    [InlineData(31u, "removed")]
    [InlineData(38u, "removed")]
    [InlineData(10u, "Q2_K")]
    [InlineData(39u, "MXFP4")]
    [InlineData(40u, "unknown")]
    [InlineData(uint.MaxValue, "unknown")]
    public void G17_other_tensor_types_are_refused_by_name(uint type, string problem) =>
        Refusal.Of(Changed(tensor => tensor with { Type = type }), Name, problem);

    [Theory]
    [InlineData(TensorType.Q4_0, 48ul, 32)]
    [InlineData(TensorType.Q8_0, 1ul, 32)]
    [InlineData(TensorType.Q6_K, 32ul, 256)]
    public void G17_a_row_is_a_multiple_of_the_block(TensorType type, ulong columns, int block) =>
        Refusal.Of(Changed(tensor => tensor with { Type = (uint)type, Dimensions = [columns, 64] }), Name, $"stores blocks of {block}");

    [Fact]
    public void G18_offsets_are_aligned_disjoint_and_inside_the_file()
    {
        Refusal.Of(Changed(tensor => tensor with { Offset = 33 }), Name, "no multiple of the alignment 32");
        Refusal.Of(Changed(tensor => tensor with { Offset = 1 << 20 }), Name, "end past");
        Refusal.Of(
            TinyLlama.Builder().Change("output_norm.weight", tensor => tensor with { Offset = 32 }),
            "output_norm.weight",
            "overlaps that of token_embd.weight");
        Refusal.Of(
            TinyLlama.Builder().Change("blk.0.attn_norm.weight", tensor => tensor with { Offset = 0 }),
            "blk.0.attn_norm.weight",
            "overlaps that of token_embd.weight");
    }

    private static GgufBuilder Changed(Func<GgufBuilder.Tensor, GgufBuilder.Tensor> change) => TinyLlama.Builder().Change(Name, change);
}
