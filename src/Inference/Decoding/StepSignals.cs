using System.Numerics.Tensors;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>
/// Records the signals of a decode step. A head's scores are taken by the thread that attends to the newest token; they become weights when
/// the parts of all threads are merged.
/// </summary>
/// <param name="recorder">Receives the signals in row 0.</param>
/// <param name="shape">The model's.</param>
/// <param name="cache">Holds the staged tokens.</param>
internal sealed class StepSignals(SignalRecorder recorder, LlamaShape shape, PackedKvCache cache)
{
    private readonly int perKv = shape.Heads / shape.KvHeads;
    private readonly float[] scores = new float[(1 + recorder.Window) * shape.Heads];
    private readonly float[] norms = new float[shape.KvHeads];
    private readonly float[] weights = new float[shape.Heads];
    private int staged;

    /// <summary>Begins a step, before its token is staged.</summary>
    public void Begin()
    {
        recorder.Clear(0);
        staged = Math.Min(recorder.Window, cache.Staged);
    }

    /// <summary>Scores the token itself and the staged ones before it.</summary>
    /// <param name="worker">Has the head's queries.</param>
    /// <param name="lane">layer * KvHeads + KV head.</param>
    /// <param name="position">Of the token.</param>
    /// <param name="key">[HeadDim] the token's key.</param>
    public void Score(AttentionWorker worker, int lane, int position, ReadOnlySpan<float> key)
    {
        int kvHead = lane % shape.KvHeads;
        worker.Score(kvHead, position, key, ScoresOf(0, kvHead));
        norms[kvHead] = TensorPrimitives.Norm(key);
        if (staged == 0)
        {
            return;
        }

        Span<float> earlier = stackalloc float[shape.HeadDim];
        Span<float> value = stackalloc float[shape.HeadDim];
        for (int back = 1; back <= staged; back++)
        {
            cache.Read(position - back, lane, earlier, value);
            worker.Score(kvHead, position - back, earlier, ScoresOf(back, kvHead));
        }
    }

    /// <summary>Ends a layer, when <paramref name="merged"/> has seen all parts.</summary>
    public void EndLayer(AttentionWorker merged)
    {
        for (int kvHead = 0; kvHead < shape.KvHeads; kvHead++)
        {
            recorder.AddKey(0, norms[kvHead]);
            for (int back = 0; back <= staged; back++)
            {
                Span<float> own = ScoresOf(back, kvHead);
                SignalRecorder.ToWeights(merged, kvHead, own);
                if (back > 0)
                {
                    recorder.AddGiven(0, back, own);
                }
            }

            ScoresOf(0, kvHead).CopyTo(weights.AsSpan(kvHead * perKv));
        }

        recorder.AddLayer(0, weights);
    }

    private Span<float> ScoresOf(int back, int kvHead) => scores.AsSpan((back * shape.Heads) + (kvHead * perKv), perKv);
}
