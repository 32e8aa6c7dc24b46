using AdaptiveKv.Evaluation;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Laboratory.Modes;

/// <summary>One item under one policy, decoded token by token and in two passes.</summary>
/// <param name="Item">Name of the item.</param>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Label">Index of the right ending.</param>
/// <param name="Decode">What decoding chooses.</param>
/// <param name="TwoPass">What two passes choose.</param>
/// <param name="LogLikelihoodDifference">|difference| of an ending's summed log-likelihood, mean over the endings, nats.</param>
/// <param name="Tokens">Tokens of the item: the context once, what the endings feed each.</param>
/// <param name="EqualTiers">Tokens that both give the same tier.</param>
internal sealed record ModeDifference(
    string Item, string Policy, int Label, ModeChoice Decode, ModeChoice TwoPass, double LogLikelihoodDifference, int Tokens, int EqualTiers)
{
    /// <summary>Compares results of one item and policy.</summary>
    /// <param name="decode">Token by token, with its tiers in order.</param>
    /// <param name="twoPass">In two passes.</param>
    internal static ModeDifference Of((ItemResult Result, IReadOnlyList<KvTier> Tiers) decode, (ItemResult Result, IReadOnlyList<KvTier> Tiers) twoPass) => new(
        decode.Result.Item,
        decode.Result.Policy,
        decode.Result.Label,
        ModeChoice.Of(decode.Result),
        ModeChoice.Of(twoPass.Result),
        decode.Result.LogLikelihood.Zip(twoPass.Result.LogLikelihood, (a, b) => Math.Abs(a - b)).Average(),
        decode.Tiers.Count,
        decode.Tiers.Zip(twoPass.Tiers).Count(pair => pair.First == pair.Second));
}
