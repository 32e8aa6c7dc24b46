using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Inference;

/// <summary>
/// Keeps the saliency of a session's tokens by position, as far as it is asked for. The session must record signals where
/// <see cref="NeedsSignals"/>, and while a token's own errors are read it must be staged.
/// </summary>
internal sealed class SaliencyTracker
{
    private static readonly SaliencyFeature[] OfLogits = [SaliencyFeature.Entropy, SaliencyFeature.PreviousEntropy, SaliencyFeature.Confidence, SaliencyFeature.Surprisal];

    private static readonly SaliencyFeature[] OfSignals = [SaliencyFeature.SelfAttention, SaliencyFeature.AttentionVariance, SaliencyFeature.KeyNorm];

    private static readonly (SaliencyFeature Feature, BitWidth Bits)[] OwnErrors =
    [
        (SaliencyFeature.Error2, BitWidth.Two), (SaliencyFeature.Error3, BitWidth.Three), (SaliencyFeature.Error4, BitWidth.Four), (SaliencyFeature.Error8, BitWidth.Eight),
    ];

    private static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    private readonly bool[] wanted = new bool[SaliencyFeatures.All.Count];
    private readonly Tokenizer tokenizer;
    private readonly SaliencyNeeds needs;
    private readonly float[] values;
    private readonly int[] receivers;
    private readonly float[] lastLogits;
    private (int Position, double LogSum, bool InSession) last = (-1, 0, false);
    private double expected;

    /// <summary>Prepares room for a sequence.</summary>
    /// <param name="model">The model that the session runs.</param>
    /// <param name="needs">What to keep; the rest stays NaN.</param>
    /// <param name="maxTokens">Most tokens of the sequence.</param>
    /// <exception cref="InvalidDataException">The rarity table is of another vocabulary, or the probe of another shape.</exception>
    public SaliencyTracker(LlamaModel model, SaliencyNeeds needs, int maxTokens)
    {
        int vocabulary = model.Shape.Vocabulary;
        foreach (SaliencyFeature feature in needs.Features)
        {
            wanted[(int)feature] = true;
        }

        // A table of another tokenizer would name the wrong tokens rare.
        if (Wants(SaliencyFeature.Rarity) && needs.Rarity is { } rarity && rarity.Values.Length != vocabulary)
        {
            throw new InvalidDataException(
                $"the rarity table that came with the controller is of {rarity.Values.Length} token ids, the model has {vocabulary}: fit the controller to this model's tokens with 'akv rescale'");
        }

        if (needs.Probe is { } probe && (probe.Width != model.Shape.Hidden || probe.Layer > model.Shape.Layers))
        {
            throw new InvalidDataException(
                $"the probe that came with the controller reads {probe.Width} numbers after layer {probe.Layer}, the model has {model.Shape.Hidden} and {model.Shape.Layers} layers: it was made for another model; "
                + "make one for this model with 'akv probe', and give it to 'akv rescale' with this model's tokens");
        }

        tokenizer = model.Tokenizer;
        this.needs = needs;
        NeedsLogits = OfLogits.Any(Wants);
        NeedsSignals = needs.Window > 0 || OfSignals.Any(Wants);
        values = new float[maxTokens * wanted.Length];
        Array.Fill(values, float.NaN); // Tokens that a cache takes over from another one were never seen here.
        receivers = new int[maxTokens];
        lastLogits = new float[Wants(SaliencyFeature.Surprisal) ? vocabulary : 0];
    }

    /// <summary>Whether <see cref="AddRow"/> needs the logits after a token.</summary>
    public bool NeedsLogits { get; }

    /// <summary>Whether the session must be made with <see cref="SessionOptions.RecordSignals"/>.</summary>
    public bool NeedsSignals { get; }

    /// <summary>As <see cref="AdaptiveSession.PromptEnd"/>.</summary>
    public int PromptEnd { get; set; }

    /// <summary>A token's features by <see cref="SaliencyFeature"/>.</summary>
    public ReadOnlySpan<float> Of(int position) => values.AsSpan(position * wanted.Length, wanted.Length);

    /// <summary>Takes a token's features from where they are known.</summary>
    public void Tell(int position, ReadOnlySpan<float> features) => features.CopyTo(Row(position));

    /// <summary>Hears a token before the session decodes it: the logits of a step stay with the session until then, and copying them would cost more than everything else here.</summary>
    public void Expect(Session session, int token) => expected = Surprisal(session, session.Cache.Count, token);

    /// <summary>Takes the token that the session has just decoded.</summary>
    /// <param name="session">The session.</param>
    /// <param name="token">The token that was expected.</param>
    /// <param name="next">What it predicts.</param>
    public void AddStep(Session session, int token, NextTokenStatistics next)
    {
        int position = session.Cache.Count - 1;
        Add(session, 0, position, token);
        if (NeedsLogits)
        {
            AddPrediction(position, expected, next);
            last = (position, next.LogSumExp, true);
        }
    }

    /// <summary>Takes a token of the batch that the session has just run; they come in order.</summary>
    /// <param name="session">The session.</param>
    /// <param name="row">Row of the batch.</param>
    /// <param name="position">Position of the token.</param>
    /// <param name="token">Its id.</param>
    /// <param name="logits">[vocabulary] after it; empty where <see cref="NeedsLogits"/> is false.</param>
    public void AddRow(Session session, int row, int position, int token, ReadOnlySpan<float> logits)
    {
        Add(session, row, position, token);
        if (NeedsLogits)
        {
            NextTokenStatistics next = NextTokenStatistics.Of(logits);
            AddPrediction(position, Surprisal(session, position, token), next);
            last = (position, next.LogSumExp, false);
            logits[..lastLogits.Length].CopyTo(lastLogits);
        }
    }

    /// <summary>Keeps what is known of the last token, for branches that start after it.</summary>
    /// <param name="session">The session, which has not run another one since.</param>
    public SaliencyPoint Pin(Session session)
    {
        int position = session.Cache.Count - 1;
        return new SaliencyPoint(
            position,
            last.LogSum,
            lastLogits.Length == 0 || position < 0 ? [] : (last.InSession ? session.Logits : lastLogits).ToArray(),
            [.. Enumerable.Range(0, Math.Min(needs.Window, position + 1)).Select(back => (Row(position - back)[(int)SaliencyFeature.AttentionReceived], receivers[position - back]))]);
    }

    /// <summary>Forgets the tokens after a point, and what they gave to those before.</summary>
    public void Return(SaliencyPoint point)
    {
        last = (point.Position, point.LogSum, false);
        point.Logits.CopyTo(lastLogits, 0);
        for (int back = 0; back < point.Received.Length; back++)
        {
            (Row(point.Position - back)[(int)SaliencyFeature.AttentionReceived], receivers[point.Position - back]) = point.Received[back];
        }
    }

    /// <summary>What is needed of a sequence to go on with it: the features of its newest tokens and the prediction after it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="tokens">Tokens whose features may be asked for again.</param>
    public SaliencyMemory Remember(Session session, int tokens)
    {
        int count = session.Cache.Count;
        bool predicts = lastLogits.Length > 0 && count > 0 && last.Position == count - 1;
        return new SaliencyMemory(
            [.. values.AsSpan((count - tokens) * wanted.Length, tokens * wanted.Length)],
            [.. receivers.AsSpan(count - tokens, tokens).ToArray().Select(receiver => (float)receiver)],
            predicts ? (last.InSession ? session.Logits : lastLogits).ToArray() : [],
            predicts ? last.LogSum : 0);
    }

    /// <summary>Whether another tracker's memory is one that this one could have.</summary>
    public bool Fits(SaliencyMemory memory) =>
        memory.Values.Length == memory.Receivers.Length * wanted.Length && (memory.Logits.Length == 0 || memory.Logits.Length == lastLogits.Length);

    /// <summary>Goes on where another one was, which <see cref="Fits"/>.</summary>
    /// <param name="memory">Of the other one.</param>
    /// <param name="count">Tokens of the sequence.</param>
    public void Recall(SaliencyMemory memory, int count)
    {
        int tokens = memory.Receivers.Length;
        memory.Values.CopyTo(values, (count - tokens) * wanted.Length);
        for (int i = 0; i < tokens; i++)
        {
            receivers[count - tokens + i] = (int)memory.Receivers[i];
        }

        memory.Logits.CopyTo(lastLogits, 0);
        last = (memory.Logits.Length > 0 ? count - 1 : -1, memory.LogSum, false);
    }

    // All that needs no logits.
    private void Add(Session session, int row, int position, int token)
    {
        Span<float> own = Row(position);
        own.Fill(float.NaN);
        receivers[position] = 0;
        Set(own, SaliencyFeature.LogPosition, MathF.Log(1 + position));
        Set(own, SaliencyFeature.LogRemaining, MathF.Log(Math.Max(PromptEnd - position, 1)));
        AddPiece(own, token < tokenizer.Vocabulary ? tokenizer.Bytes(token) : []);
        if (needs.Rarity is { } rarity)
        {
            Set(own, SaliencyFeature.Rarity, rarity[token]);
        }

        if (NeedsSignals)
        {
            TokenSignals signals = session.Signals(row);
            Set(own, SaliencyFeature.SelfAttention, signals.SelfAttention);
            Set(own, SaliencyFeature.AttentionVariance, signals.AttentionVariance);
            Set(own, SaliencyFeature.KeyNorm, signals.KeyNorm);
            AddReceived(session, row, position);
        }

        if (needs.Probe is { } probe)
        {
            Set(own, SaliencyFeature.Probe, probe.Of(session.Hidden(row)));
        }

        foreach ((SaliencyFeature feature, BitWidth bits) in OwnErrors)
        {
            if (Wants(feature))
            {
                own[(int)feature] = session.Cache.OwnError(position, KvTier.Of(bits)).Mean;
            }
        }
    }

    private bool Wants(SaliencyFeature feature) => wanted[(int)feature];

    private Span<float> Row(int position) => values.AsSpan(position * wanted.Length, wanted.Length);

    private void Set(Span<float> row, SaliencyFeature feature, double value)
    {
        if (Wants(feature))
        {
            row[(int)feature] = (float)value;
        }
    }

    // A byte that continues a character begins with the bits 10.
    private void AddPiece(Span<float> own, ReadOnlySpan<byte> text)
    {
        int characters = 0;
        foreach (byte value in text.Trim(WhiteSpace))
        {
            characters += (value & 0b1100_0000) != 0b1000_0000 ? 1 : 0;
        }

        Set(own, SaliencyFeature.WordStart, !text.IsEmpty && WhiteSpace.Contains(text[0]) ? 1 : 0);
        Set(own, SaliencyFeature.PieceLength, characters);
    }

    private void AddPrediction(int position, double surprisal, NextTokenStatistics next)
    {
        Span<float> own = Row(position);
        own[(int)SaliencyFeature.Entropy] = (float)next.Entropy;
        Set(own, SaliencyFeature.Surprisal, surprisal);
        Set(own, SaliencyFeature.Confidence, next.TopProbability);
        if (position > 0)
        {
            Set(own, SaliencyFeature.PreviousEntropy, Row(position - 1)[(int)SaliencyFeature.Entropy]);
        }
    }

    // -log p, in nats, of a token as the one before it predicted it; NaN where that was not the position before.
    private double Surprisal(Session session, int position, int token)
    {
        ReadOnlySpan<float> logits = last.InSession ? session.Logits : lastLogits;
        return lastLogits.Length > 0 && position > 0 && position - 1 == last.Position && token < logits.Length ? last.LogSum - logits[token] : double.NaN;
    }

    // A running mean over those that have come since.
    private void AddReceived(Session session, int row, int position)
    {
        for (int back = 1; back <= Math.Min(needs.Window, position); back++)
        {
            float weight = session.WeightGiven(row, back);
            if (weight > 0f)
            {
                ref float mean = ref Row(position - back)[(int)SaliencyFeature.AttentionReceived];
                int count = ++receivers[position - back];
                mean = count == 1 ? weight : mean + ((weight - mean) / count);
            }
        }
    }
}
