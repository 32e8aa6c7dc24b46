using System.Globalization;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Policies;

/// <summary>
/// Thresholds on one feature ("rule-entropy-2-0.9-4-2.5-8": 2 bits below 0.9, 4 bits below 2.5, 8 bits from there on): the published baseline, over
/// any feature. A token whose feature is unknown gets the last tier.
/// </summary>
internal sealed class RulePolicy : PrecisionPolicy
{
    /// <summary>How names of such policies begin.</summary>
    public const string Prefix = "rule-";

    private readonly SaliencyFeature feature;
    private readonly float[] thresholds;
    private readonly KvTier[] tiers;

    private RulePolicy(string name, SaliencyFeature feature, float[] thresholds, KvTier[] tiers)
    {
        Name = name;
        Features = [feature];
        (this.feature, this.thresholds, this.tiers) = (feature, thresholds, tiers);
    }

    public override string Name { get; }

    public override IReadOnlyList<SaliencyFeature> Features { get; }

    /// <summary>The policy of a name: "rule-FEATURE-BITS-THRESHOLD-BITS[-THRESHOLD-BITS]...".</summary>
    /// <exception cref="FormatException">It is not of that form, names an unknown feature, or its thresholds do not rise.</exception>
    public static RulePolicy Parse(string name)
    {
        string[] parts = name[Prefix.Length..].Split('-');
        SaliencyFeature feature = SaliencyFeatures.Parse(parts[0]);
        KvTier[] tiers = [.. parts.Skip(1).Where((_, i) => i % 2 == 0).Select(Tier)];
        float[] thresholds = [.. parts.Skip(1).Where((_, i) => i % 2 == 1).Select(Threshold)];
        return tiers.Length == thresholds.Length + 1 && tiers.Length > 1 && thresholds.Zip(thresholds.Skip(1)).All(pair => pair.First < pair.Second)
            ? new RulePolicy(name, feature, thresholds, tiers)
            : throw Fault("bits and rising thresholds in turn are expected");

        KvTier Tier(string part) =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int bits) && bits < 32 && Enum.IsDefined((BitWidth)bits)
                ? KvTier.Of((BitWidth)bits)
                : throw Fault($"'{part}' is none of 0, 2, 3, 4, 8, 16 bits");

        float Threshold(string part) =>
            float.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out float value) ? value : throw Fault($"'{part}' is no threshold");

        FormatException Fault(string problem) => new($"policy '{name}': {problem}, such as {Prefix}entropy-2-0.9-4");
    }

    public override KvTier Choose(int position) => tiers[^1];

    public override KvTier Choose(TokenView token)
    {
        float value = token.Saliency[(int)feature];
        int passed = 0;
        while (passed < thresholds.Length && !(value < thresholds[passed]))
        {
            passed++;
        }

        return tiers[passed];
    }
}
