using System.Globalization;
using System.Text.RegularExpressions;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Evaluation;

/// <summary>The mean of effective bits that a policy's name asks for, and what it came to on the tokens of the items.</summary>
/// <param name="Wanted">Of the name ("learned-3.2").</param>
/// <param name="Coded">Mean over the tokens without the sinks: codes, scales and zero points, without unused room.</param>
/// <param name="Error">Coded / Wanted - 1.</param>
public sealed partial record BitTarget(double Wanted, double Coded, double Error)
{
    /// <summary>The target of a policy; null for one whose name asks for none, or that keeps more than sinks at 16 bits.</summary>
    /// <param name="policy">Its name.</param>
    /// <param name="tiers">The tokens of all items.</param>
    /// <param name="items">Items, each with its own sinks.</param>
    internal static BitTarget? Of(string policy, TierHistogram tiers, int items)
    {
        Match match = Name().Match(policy);
        if (!match.Success)
        {
            return null;
        }

        double wanted = double.Parse(match.Groups["bits"].Value, CultureInfo.InvariantCulture);
        int sinks = match.Groups["sinks"].Success ? int.Parse(match.Groups["sinks"].Value, CultureInfo.InvariantCulture) : 0;
        double coded = tiers.EffectiveBits(KvTier.Of(BitWidth.Sixteen), (long)sinks * items);
        return coded > 0 ? new BitTarget(wanted, coded, (coded / wanted) - 1) : null;
    }

    [GeneratedRegex(@"^learned(?::.+)?-(?<bits>\d+(?:\.\d+)?)(?:\+sinks(?<sinks>\d+))?$")]
    private static partial Regex Name();
}
