using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.KvCache;

[Trait("Category", "Kernels")]
public sealed class Bfloat16Tests
{
    [Fact]
    public void Every_bfloat16_widens_and_rounds_back_to_itself() => Assert.All(Enumerable.Range(0, 1 << 16), bits =>
    {
        float wide = Bfloat16.Widen((ushort)bits);
        if (float.IsNaN(wide))
        {
            Assert.True(float.IsNaN(Bfloat16.Widen(Bfloat16.Round(wide))));
        }
        else
        {
            Assert.Equal((ushort)bits, Bfloat16.Round(wide));
        }
    });

    [Fact]
    public void Numbers_between_two_round_to_the_nearest_ties_to_even()
    {
        for (ushort bits = 0; bits < 0x7F7F; bits++)
        {
            float middle = BitConverter.UInt32BitsToSingle(((uint)bits << 16) | 0x8000);
            ushort even = (bits & 1) == 0 ? bits : (ushort)(bits + 1);
            Assert.Equal(
                (even, bits, (ushort)(bits + 1)),
                (Bfloat16.Round(middle), Bfloat16.Round(MathF.BitDecrement(middle)), Bfloat16.Round(MathF.BitIncrement(middle))));
            Assert.Equal((ushort)(even | 0x8000), Bfloat16.Round(-middle));
        }
    }

    [Fact]
    public unsafe void The_vector_conversion_equals_the_scalar_one()
    {
        Assert.SkipUnless(Avx2.IsSupported, "the vector conversion needs AVX2");
        ushort[] all = [.. Enumerable.Range(0, 1 << 16).Select(bits => (ushort)bits)];
        fixed (ushort* source = all)
        {
            for (int i = 0; i < all.Length; i += 8)
            {
                Vector256<uint> wide = Bfloat16.Widen8(source + i).AsUInt32();
                for (int lane = 0; lane < 8; lane++)
                {
                    Assert.Equal((uint)all[i + lane] << 16, wide[lane]);
                }
            }
        }
    }
}
