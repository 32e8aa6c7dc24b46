using AdaptiveKv.Evaluation.Statistics;

namespace AdaptiveKv.Laboratory.Modes;

/// <summary>How far two passes lie from decoding, over the items of one policy.</summary>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Items">Items compared.</param>
/// <param name="Decode">acc, decoded token by token.</param>
/// <param name="TwoPass">acc, in two passes.</param>
/// <param name="Flips">Items on which acc's choice differs.</param>
/// <param name="DecodeNorm">acc_norm, decoded.</param>
/// <param name="TwoPassNorm">acc_norm, in two passes.</param>
/// <param name="FlipsNorm">Items on which acc_norm's choice differs.</param>
/// <param name="DecodeBytes">acc_bytes, decoded.</param>
/// <param name="TwoPassBytes">acc_bytes, in two passes.</param>
/// <param name="FlipsBytes">Items on which acc_bytes' choice differs.</param>
/// <param name="LogLikelihoodDifference">|difference| of an ending's log-likelihood, mean over endings and items, nats.</param>
/// <param name="LargestDifference">The largest mean of an item.</param>
/// <param name="TierAgreement">Tokens that both modes give the same tier.</param>
/// <param name="DecodeBits">Effective bits, decoded: mean over the items.</param>
/// <param name="TwoPassBits">The same in two passes.</param>
/// <param name="DecodeKl">Mean KL(16 bits || policy) per prediction, decoded; null where it was not measured.</param>
/// <param name="TwoPassKl">The same in two passes.</param>
internal sealed record ModeSummary(
    string Policy,
    int Items,
    Proportion Decode,
    Proportion TwoPass,
    int Flips,
    Proportion DecodeNorm,
    Proportion TwoPassNorm,
    int FlipsNorm,
    Proportion DecodeBytes,
    Proportion TwoPassBytes,
    int FlipsBytes,
    double LogLikelihoodDifference,
    double LargestDifference,
    Proportion TierAgreement,
    double DecodeBits,
    double TwoPassBits,
    double? DecodeKl,
    double? TwoPassKl)
{
    /// <summary>Sums one policy's differences up.</summary>
    internal static ModeSummary Of(IReadOnlyList<ModeDifference> items) => new(
        items[0].Policy,
        items.Count,
        Right(items, one => one.Decode.Choice),
        Right(items, one => one.TwoPass.Choice),
        items.Count(one => one.Decode.Choice != one.TwoPass.Choice),
        Right(items, one => one.Decode.ChoiceNorm),
        Right(items, one => one.TwoPass.ChoiceNorm),
        items.Count(one => one.Decode.ChoiceNorm != one.TwoPass.ChoiceNorm),
        Right(items, one => one.Decode.ChoiceBytes),
        Right(items, one => one.TwoPass.ChoiceBytes),
        items.Count(one => one.Decode.ChoiceBytes != one.TwoPass.ChoiceBytes),
        items.Average(one => one.LogLikelihoodDifference),
        items.Max(one => one.LogLikelihoodDifference),
        new Proportion(items.Sum(one => one.EqualTiers), items.Sum(one => one.Tokens)),
        items.Average(one => one.Decode.EffectiveBits),
        items.Average(one => one.TwoPass.EffectiveBits),
        Kl(items, one => one.Decode),
        Kl(items, one => one.TwoPass));

    private static Proportion Right(IReadOnlyList<ModeDifference> items, Func<ModeDifference, int> choice) => new(items.Count(one => choice(one) == one.Label), items.Count);

    private static double? Kl(IReadOnlyList<ModeDifference> items, Func<ModeDifference, ModeChoice> mode) => items.All(one => mode(one).Divergence is not null)
        ? items.Sum(one => mode(one).Divergence!.Value.Kl) / items.Sum(one => mode(one).Divergence!.Value.Predictions)
        : null;
}
