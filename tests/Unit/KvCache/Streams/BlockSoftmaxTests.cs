using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Formats;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Unit.KvCache.Streams;

[Trait("Category", "Kernels")]
public sealed unsafe class BlockSoftmaxTests
{
    private const int HeadDim = 32;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Weights_and_sums_follow_the_definition_over_several_blocks(int heads)
    {
        Random random = new(heads);
        using NativeBuffer memory = NativeBuffer.OfFloats(SoftmaxState.FloatsFor(heads, HeadDim, 1) + (32 * heads));
        SoftmaxState state = SoftmaxState.In(memory.Floats + (32 * heads), heads, HeadDim, 1);
        float* scores = memory.Floats;
        state.Clear();
        double[] largest = [.. Enumerable.Repeat(double.NegativeInfinity, heads)];
        double[] total = new double[heads];
        foreach (int tokens in (int[])[5, 32, 1, 31, 8, 17])
        {
            float[][] block = Gaussian.Rows(random, heads, tokens, deviation: 10);
            for (int head = 0; head < heads; head++)
            {
                new Span<float>(scores + (32 * head), 32).Fill(float.NaN);
                block[head].CopyTo(new Span<float>(scores + (32 * head), 32));

                // Stands for what was accumulated so far: it must shrink as the total does.
                state.Row(head)[7] = state.TotalOf(head);
                state.MinimaOf(head)[0] = -state.TotalOf(head);
            }

            BlockSoftmax.Update(scores, tokens, state);

            for (int head = 0; head < heads; head++)
            {
                double before = largest[head];
                largest[head] = Math.Max(before, block[head].Max());
                double rescaled = total[head] * Math.Exp(before - largest[head]);
                double[] weights = [.. block[head].Select(score => Math.Exp(score - largest[head]))];
                total[head] = rescaled + weights.Sum();
                Assert.Equal((float)largest[head], state.LargestOf(head));
                Assert.Equal(total[head], state.TotalOf(head), 1e-5 * total[head]);
                Assert.Equal(rescaled, state.Row(head)[7], (1e-5 * rescaled) + 1e-30);
                Assert.Equal(-rescaled, state.MinimaOf(head)[0], (1e-5 * rescaled) + 1e-30);
                for (int i = 0; i < 32; i++)
                {
                    Assert.Equal(i < tokens ? weights[i] : 0, scores[(32 * head) + i], 1e-5);
                }
            }
        }
    }

    [Fact]
    public void A_score_that_is_not_a_number_reaches_the_total()
    {
        using NativeBuffer memory = NativeBuffer.OfFloats(SoftmaxState.FloatsFor(1, HeadDim, 1) + 32);
        SoftmaxState state = SoftmaxState.In(memory.Floats + 32, 1, HeadDim, 1);
        state.Clear();
        memory.Floats[2] = float.NaN;

        BlockSoftmax.Update(memory.Floats, 4, state);

        Assert.True(float.IsNaN(state.TotalOf(0)));
    }
}
