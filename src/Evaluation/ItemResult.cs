using System.Text.Json.Serialization;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference.Likelihoods;

namespace AdaptiveKv.Evaluation;

/// <summary>One item under one policy: a line of the file of scores.</summary>
/// <param name="Item">Name of the item in its file.</param>
/// <param name="Policy">Name of the policy.</param>
/// <param name="Label">Index of the right ending.</param>
/// <param name="Choice">Index of the ending with the largest log-likelihood; the first of equals.</param>
/// <param name="ChoiceNorm">Index of the ending with the largest log-likelihood per character.</param>
/// <param name="ChoiceBytes">Index of the ending with the largest log-likelihood per byte.</param>
/// <param name="LogLikelihood">Summed natural log-likelihood per ending.</param>
/// <param name="EndingCharacters">Characters per ending.</param>
/// <param name="EndingBytes">UTF-8 bytes per ending.</param>
/// <param name="EndingTokens">Tokens per ending.</param>
/// <param name="Tokens">Tokens fed to the model: the context without its shots once, the endings each.</param>
/// <param name="CacheBytes">Bytes the cache had allocated at the item's longest sequence.</param>
/// <param name="CachedTokens">Tokens in the cache at that moment.</param>
/// <param name="EffectiveBits">Bits per stored element at that moment.</param>
/// <param name="Milliseconds">Wall time of the model's work; null where it was not kept.</param>
public sealed record ItemResult(
    string Item,
    string Policy,
    int Label,
    int Choice,
    int ChoiceNorm,
    int ChoiceBytes,
    double[] LogLikelihood,
    int[] EndingCharacters,
    int[] EndingBytes,
    int[] EndingTokens,
    int Tokens,
    long CacheBytes,
    int CachedTokens,
    double EffectiveBits,
    double? Milliseconds)
{
    /// <summary>Whether acc counts the item.</summary>
    [JsonIgnore]
    public bool IsRight => Choice == Label;

    /// <summary>Whether acc_norm counts the item.</summary>
    [JsonIgnore]
    public bool IsRightNorm => ChoiceNorm == Label;

    /// <summary>Whether acc_bytes counts the item.</summary>
    [JsonIgnore]
    public bool IsRightBytes => ChoiceBytes == Label;

    /// <summary>Distance of the endings' predictions from the 16-bit cache's; null where it was not measured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EndingDivergence? Divergence { get; init; }

    /// <summary>Tokens per tier index, for the summary; empty where unknown.</summary>
    [JsonIgnore]
    public IReadOnlyList<long> TierCounts { get; init; } = [];

    /// <exception cref="InvalidDataException">A log-likelihood is not a number: a score must not be made of it in silence.</exception>
    internal static ItemResult From(EncodedItem encoded, string policy, EndingScores scores)
    {
        MultipleChoiceItem item = encoded.Item;
        int broken = Array.FindIndex(scores.LogLikelihood, value => !double.IsFinite(value));
        if (broken >= 0)
        {
            throw new InvalidDataException(
                $"item '{item.Id}', policy {policy}: the log-likelihood of ending {broken} is {scores.LogLikelihood[broken]}: the model's weights are damaged or overflow; check them with 'akv model verify'");
        }

        EndingChoice choice = EndingChoice.Of(encoded, scores.LogLikelihood);
        return new ItemResult(
            item.Id,
            policy,
            item.Label,
            choice.Sum,
            choice.PerCharacter,
            choice.PerByte,
            scores.LogLikelihood,
            encoded.EndingCharacters,
            encoded.EndingBytes,
            [.. encoded.Endings.Select(ending => ending.Length)],
            scores.Tokens,
            scores.CacheBytes,
            scores.CachedTokens,
            scores.EffectiveBits,
            scores.Milliseconds)
        {
            TierCounts = scores.TierCounts,
            Divergence = scores.Divergence,
        };
    }
}
