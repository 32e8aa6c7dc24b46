using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Formats;
using AdaptiveKv.KvCache.Streams;
using BenchmarkDotNet.Attributes;

namespace AdaptiveKv.Kernels;

/// <summary>The running softmax of one block: 3 query heads x 32 tokens, the copying of the scores included.</summary>
public unsafe class SoftmaxBenchmarks
{
    private const int Blocks = 128;

    private static readonly int Heads = SmolLm.Cache.QueriesPerKvHead;

    private readonly float[] scores = SmolLm.Normal(Blocks * Heads * StreamBlock.Tokens, seed: 6);
    private NativeBuffer block = null!;
    private NativeBuffer memory = null!;
    private SoftmaxState state;

    [GlobalSetup]
    public void Allocate()
    {
        block = NativeBuffer.OfFloats(Heads * StreamBlock.Tokens);
        memory = NativeBuffer.OfFloats(SoftmaxState.FloatsFor(Heads, SmolLm.Cache.HeadDim, 1));
        state = SoftmaxState.In(memory.Floats, Heads, SmolLm.Cache.HeadDim, 1);
    }

    [GlobalCleanup]
    public void Free()
    {
        block.Dispose();
        memory.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Blocks)]
    public void Block()
    {
        state.Clear();
        for (int i = 0; i < Blocks; i++)
        {
            scores.AsSpan(i * Heads * StreamBlock.Tokens, Heads * StreamBlock.Tokens).CopyTo(new Span<float>(block.Floats, Heads * StreamBlock.Tokens));
            BlockSoftmax.Update(block.Floats, StreamBlock.Tokens, state);
        }
    }
}
