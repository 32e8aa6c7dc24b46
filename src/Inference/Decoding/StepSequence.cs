using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Inference.Timing;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Attention;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference.Decoding;

/// <summary>What one sequence brings to a step, alone or with others: its cache, the place of its new token, the sums of its attention, its logits.</summary>
internal sealed unsafe class StepSequence : IDisposable
{
    private readonly List<AttentionWorker> workers = [];
    private readonly List<AttentionWorker> merged = [];
    private readonly int[] past = new int[PackedKvCache.MaxStreams];
    private readonly NativeBuffer logits;
    private readonly int vocabulary;
    private readonly bool precise;
    private readonly StepTimes? times;

    public StepSequence(LlamaModel model, PackedKvCache cache, RotaryEmbedding rotary, bool precise, SignalRecorder? recorder, HiddenRecorder? hidden, StepTimes? times)
    {
        (Cache, this.precise, this.times) = (cache, precise, times);
        vocabulary = model.Shape.Vocabulary;
        Heads = new HeadRows(model.Shape, cache, rotary);
        Signals = recorder is null ? null : new StepSignals(recorder, model.Shape, cache);
        Hidden = hidden;
        Parts = new AttentionParts(cache);
        logits = NativeBuffer.OfFloats(vocabulary);
        Blocks = new LogitBlock[LogitBlock.Count(vocabulary)];
    }

    /// <summary>Its keys and values.</summary>
    public PackedKvCache Cache { get; }

    /// <summary>Brings its heads into the cache's space.</summary>
    public HeadRows Heads { get; }

    /// <summary>Records what its layers show; null where nobody asks.</summary>
    public StepSignals? Signals { get; }

    /// <summary>Keeps its hidden state after some layer, in row 0; null where nobody asks.</summary>
    public HiddenRecorder? Hidden { get; }

    /// <summary>The pieces of its past.</summary>
    public AttentionParts Parts { get; }

    /// <summary>Tokens of each stream before the newest.</summary>
    public ReadOnlySpan<int> Past => past;

    /// <summary>Position of the new token.</summary>
    public int Position { get; private set; }

    /// <summary>Where the new token is staged.</summary>
    public TokenPlace Place { get; private set; }

    /// <summary>[vocabulary] logits of its last step.</summary>
    public Span<float> Logits => logits.FloatSpan(0, vocabulary);

    /// <summary>The first logit.</summary>
    public float* FirstLogit => logits.Floats;

    /// <summary>What the threads measured of the logits they wrote.</summary>
    public LogitBlock[] Blocks { get; }

    /// <summary>What the logits of its last step are like.</summary>
    public NextTokenStatistics Next { get; private set; }

    /// <summary>A thread's part of the attention.</summary>
    public AttentionWorker Worker(int member) => workers[member];

    /// <summary>All parts together, as a thread needs them.</summary>
    public AttentionWorker Merged(int member) => merged[member];

    /// <summary>Stages the new token; allocates only when it meets a larger team than before.</summary>
    /// <param name="threads">Of the team that takes the step.</param>
    public void Begin(int threads)
    {
        while (workers.Count < threads)
        {
            workers.Add(new AttentionWorker(Cache, precise) { Clock = times?.Clock(workers.Count).Blocks });
            merged.Add(new AttentionWorker(Cache, precise));
        }

        Signals?.Begin();
        Position = Cache.Count;
        Cache.Counts.CopyTo(past);
        Parts.Cut(AttentionWorker.Blocks(past));
        Place = Cache.Stage();
    }

    /// <summary>Reads what the threads measured.</summary>
    /// <exception cref="ArithmeticException">The logits are not numbers.</exception>
    public void End()
    {
        LogitsCheck.ThrowIfNotANumber(Blocks);
        Next = NextTokenStatistics.Join(Blocks, Logits);
    }

    public void Dispose()
    {
        foreach (IDisposable part in (IEnumerable<IDisposable>)[logits, Parts, .. workers, .. merged])
        {
            part.Dispose();
        }
    }
}
