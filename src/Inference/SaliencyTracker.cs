using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Sampling;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Inference;

/// <summary>
/// Follows a session and keeps the saliency of its tokens by position, as far as it is asked for. The session must record signals where
/// <see cref="NeedsSignals"/>, and while a token's own errors are read it must be staged.
/// </summary>
public sealed class SaliencyTracker
{
    /// <summary>Tokens after a token whose attention to it is averaged, at most.</summary>
    public const int Window = 8;

    private static readonly SaliencyFeature[] OfLogits = [SaliencyFeature.Entropy, SaliencyFeature.PreviousEntropy, SaliencyFeature.Confidence, SaliencyFeature.Surprisal];

    private static readonly SaliencyFeature[] OfSignals = [SaliencyFeature.SelfAttention, SaliencyFeature.AttentionVariance, SaliencyFeature.KeyNorm];

    private static readonly (SaliencyFeature Feature, BitWidth Bits)[] OwnErrors =
    [
        (SaliencyFeature.Error2, BitWidth.Two), (SaliencyFeature.Error3, BitWidth.Three), (SaliencyFeature.Error4, BitWidth.Four), (SaliencyFeature.Error8, BitWidth.Eight),
    ];

    private static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    private readonly bool[] wanted = new bool[SaliencyFeatures.All.Count];
    private readonly Tokenizer tokenizer;
    private readonly RarityTable? rarity;
    private readonly float[] values;
    private readonly int[] receivers;
    private readonly float[] lastLogits;
    private (int Position, double LogSum, bool InSession) last = (-1, 0, false);

    /// <summary>Prepares room for a sequence.</summary>
    /// <param name="model">The model that the session runs.</param>
    /// <param name="features">What to keep; the rest stays NaN.</param>
    /// <param name="rarity">Of the model's tokens; null where rarity stays NaN.</param>
    /// <param name="maxTokens">Most tokens of the sequence.</param>
    /// <param name="recent">Steps that a token waits for its tier: over as many, but at most <see cref="Window"/>, the attention it receives is averaged.</param>
    /// <exception cref="InvalidDataException">The rarity table is of another vocabulary.</exception>
    public SaliencyTracker(LlamaModel model, IReadOnlyList<SaliencyFeature> features, RarityTable? rarity, int maxTokens, int recent)
    {
        int vocabulary = model.Shape.Vocabulary;
        foreach (SaliencyFeature feature in features)
        {
            wanted[(int)feature] = true;
        }

        // A table of another tokenizer would name the wrong tokens rare.
        if (Wants(SaliencyFeature.Rarity) && rarity is not null && rarity.Values.Length != vocabulary)
        {
            throw new InvalidDataException(
                $"the rarity table that came with the controller is of {rarity.Values.Length} token ids, the model has {vocabulary}: fit the controller to this model's tokens with 'akv rescale'");
        }

        tokenizer = model.Tokenizer;
        this.rarity = rarity;
        SignalWindow = Wants(SaliencyFeature.AttentionReceived) ? Math.Min(recent, Window) : 0;
        NeedsLogits = OfLogits.Any(Wants);
        NeedsSignals = SignalWindow > 0 || OfSignals.Any(Wants);
        values = new float[maxTokens * wanted.Length];
        receivers = new int[maxTokens];
        lastLogits = new float[Wants(SaliencyFeature.Surprisal) ? vocabulary : 0];
    }

    /// <summary>Whether <see cref="Add"/> needs the logits after a token.</summary>
    public bool NeedsLogits { get; }

    /// <summary>Whether the session must be made with <see cref="SessionOptions.RecordSignals"/> and a window of <see cref="SignalWindow"/>.</summary>
    public bool NeedsSignals { get; }

    /// <summary>For <see cref="SessionOptions.SignalWindow"/>.</summary>
    public int SignalWindow { get; }

    /// <summary>A token's features by <see cref="SaliencyFeature"/>.</summary>
    public ReadOnlySpan<float> Of(int position) => values.AsSpan(position * wanted.Length, wanted.Length);

    /// <summary>Takes a token that the session has just run.</summary>
    /// <param name="session">The session.</param>
    /// <param name="row">Row of its last call.</param>
    /// <param name="position">Position of the token.</param>
    /// <param name="token">Its id.</param>
    /// <param name="logits">[vocabulary] after it; empty where <see cref="NeedsLogits"/> is false.</param>
    public void Add(Session session, int row, int position, int token, ReadOnlySpan<float> logits)
    {
        Span<float> own = Row(position);
        own.Fill(float.NaN);
        receivers[position] = 0;
        Set(own, SaliencyFeature.LogPosition, MathF.Log(1 + position));
        AddPiece(own, token < tokenizer.Vocabulary ? tokenizer.Bytes(token) : []);
        if (rarity is not null)
        {
            Set(own, SaliencyFeature.Rarity, rarity[token]);
        }

        if (NeedsLogits)
        {
            AddLogits(session, own, position, token, logits);
        }

        if (NeedsSignals)
        {
            TokenSignals signals = session.Signals(row);
            Set(own, SaliencyFeature.SelfAttention, signals.SelfAttention);
            Set(own, SaliencyFeature.AttentionVariance, signals.AttentionVariance);
            Set(own, SaliencyFeature.KeyNorm, signals.KeyNorm);
            AddReceived(session, row, position);
        }

        foreach ((SaliencyFeature feature, BitWidth bits) in OwnErrors)
        {
            if (Wants(feature))
            {
                own[(int)feature] = session.Cache.OwnError(position, KvTier.Of(bits)).Mean;
            }
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
            [.. Enumerable.Range(0, Math.Min(SignalWindow, position + 1)).Select(back => (Row(position - back)[(int)SaliencyFeature.AttentionReceived], receivers[position - back]))]);
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

    private void AddLogits(Session session, Span<float> own, int position, int token, ReadOnlySpan<float> logits)
    {
        if (position > 0 && lastLogits.Length > 0)
        {
            own[(int)SaliencyFeature.Surprisal] = (float)Surprisal(session, position - 1, token);
        }

        NextTokenStatistics next = session.Stepped ? session.Next : NextTokenStatistics.Of(logits);
        own[(int)SaliencyFeature.Entropy] = (float)next.Entropy;
        Set(own, SaliencyFeature.Confidence, next.TopProbability);
        if (position > 0)
        {
            Set(own, SaliencyFeature.PreviousEntropy, Row(position - 1)[(int)SaliencyFeature.Entropy]);
        }

        last = (position, next.LogSumExp, session.Stepped);
        if (!session.Stepped && lastLogits.Length > 0)
        {
            logits.CopyTo(lastLogits);
        }
    }

    // The logits of a step stay with the session until the next step, which has by then taken its token's from them: copying them would
    // cost more than everything else here.
    private double Surprisal(Session session, int before, int token)
    {
        if (before != last.Position)
        {
            return double.NaN;
        }

        return !last.InSession ? last.LogSum - lastLogits[token] : session.Stepped ? session.Surprisal : last.LogSum - session.Logits[token];
    }

    // A running mean over those that have come since.
    private void AddReceived(Session session, int row, int position)
    {
        for (int back = 1; back <= Math.Min(SignalWindow, position); back++)
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
