using AdaptiveKv.KvCache;

namespace AdaptiveKv.Policies;

/// <summary>
/// Moves a token one tier up where its own reconstruction error is among the worst of the tokens of its tier so far in the sequence: outliers
/// that a tier's code does not fit. The running rank needs no calibration and depends on nothing but the sequence.
/// </summary>
/// <param name="inner">Chooses the tier that is judged.</param>
/// <param name="percent">Share of a tier's tokens that move up.</param>
internal sealed class EscalationPolicy(PrecisionPolicy inner, int percent) : PolicyModifier(inner, $"escalate{percent}")
{
    private readonly List<(int Tier, float Error)> seen = [];

    public override bool LooksAtErrors => true;

    /// <inheritdoc/>
    public override IReadOnlyList<float> Remember(int tokens) =>
        [.. seen.Take(tokens).SelectMany(token => (float[])[token.Tier, token.Error]), .. base.Remember(tokens)];

    /// <inheritdoc/>
    public override void Recall(IReadOnlyList<KvTier> chosen, IReadOnlyList<float> memory)
    {
        (float[] own, float[] rest) = ([.. memory.Take(2 * chosen.Count)], [.. memory.Skip(2 * chosen.Count)]);
        if (own.Length != 2 * chosen.Count)
        {
            throw new ArgumentException($"policy '{Name}' remembers two numbers of each token; there are {memory.Count} of {chosen.Count} tokens");
        }

        seen.Clear();
        seen.AddRange(own.Chunk(2).Select(token => ((int)token[0], token[1])));
        base.Recall(chosen, rest);
    }

    public override KvTier Choose(TokenView token)
    {
        int position = token.Position;
        seen.RemoveRange(Math.Min(position, seen.Count), Math.Max(seen.Count - position, 0));
        KvTier tier = base.Choose(token);
        float error = token.OwnError(tier).Mean;
        int tokens = 1;
        int worse = 0;
        foreach ((int other, float otherError) in seen)
        {
            tokens += other == tier.Index ? 1 : 0;
            worse += other == tier.Index && otherError >= error ? 1 : 0;
        }

        seen.Add((tier.Index, error));
        return 100 * (worse + 1) <= percent * tokens ? new KvTier(Up(tier.Keys), Up(tier.Values)) : tier;
    }

    private static BitWidth Up(BitWidth bits) => bits switch
    {
        BitWidth.Two or BitWidth.Three => BitWidth.Four,
        BitWidth.Four => BitWidth.Eight,
        BitWidth.Eight => BitWidth.Sixteen,
        _ => bits,
    };
}
