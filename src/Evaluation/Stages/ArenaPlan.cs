using System.Globalization;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>Which policies an evaluation compares: those that are named, and for every target of effective bits one of each kind that can be set to it.</summary>
/// <param name="Policies">All of them, each name once.</param>
/// <param name="Targets">Who aims at which bits.</param>
internal sealed record ArenaPlan(IReadOnlyList<PrecisionPolicy> Policies, IReadOnlyList<ArenaTarget> Targets)
{
    private const string Chance = "random-";
    private const string OneTier = "static-k";

    private static readonly int[] Widths = [2, 3, 4, 8];

    /// <summary>Makes the plan.</summary>
    /// <param name="values">What was asked for.</param>
    /// <param name="sample">Values of a feature over tokens that are not evaluated; null where there are none, and so no rules.</param>
    /// <param name="controllers">Controllers by the names that stand for them.</param>
    /// <param name="oracle">The costs of the tokens that are evaluated; null where they are not known.</param>
    /// <exception cref="FormatException">A policy is unknown or cannot reach a target.</exception>
    public static ArenaPlan Of(
        EvaluateParams values, Func<SaliencyFeature, float[]>? sample, IReadOnlyDictionary<string, Controller> controllers, OracleCosts? oracle)
    {
        int sinks = values.Sinks;
        SaliencyFeature[] rules = sample is null ? [] : [.. values.Rules.Select(SaliencyFeatures.Parse)];
        List<PrecisionPolicy> policies = [.. PolicyCatalog.Parse(values.Policies, sinks, 0, controllers)];
        List<ArenaTarget> groups = [];
        foreach ((double target, int recent) in from target in values.Targets from recent in values.Recent select (target, recent))
        {
            double bits = target - TierCost.ParameterBits;
            string[] chance = Array.Exists(Widths, width => width == bits)
                ? [$"static-{Text(bits)}"]
                : [.. Enumerable.Range(1, values.Seeds).Select(seed => $"{Chance}{Text(bits)}@{seed}")];
            string[] learned = [.. controllers.Where(pair => !LooksBack(pair.Value)).Select(pair => $"{pair.Key}-{Text(target)}")];
            string[] delayed = [.. controllers.Where(pair => LooksBack(pair.Value)).Select(pair => $"{pair.Key}-{Text(target)}")];
            if (recent > 0)
            {
                string[] waiting = [.. learned.Take(1).Concat(delayed)];
                groups.Add(new ArenaTarget(target, [.. chance.Select(Waiting)], [.. waiting.Select(Waiting)], null));
                groups.AddRange(Between(bits).Select(tier => new ArenaTarget(target, [Waiting(tier)], [.. waiting.Select(Waiting)], null)));
                continue;
            }

            PrecisionPolicy? best = oracle?.Policy($"{OraclePolicy.Prefix}{Text(target)}", target);
            groups.Add(new ArenaTarget(
                target,
                [.. chance.Select(Named)],
                [.. rules.Select(rule => Rule(rule, bits, sample!(rule))).Concat(learned).Select(Named)],
                best is null ? null : Added(PolicyCatalog.WithSinks(best, sinks))));
            groups.AddRange(Between(bits).Select(tier => new ArenaTarget(target, [Named(tier)], [.. learned.Select(Named)], null)));

            string Waiting(string name) => Named($"{name}+recent{recent}");
        }

        return new ArenaPlan(policies, groups);

        string Named(string name) => Added(PolicyCatalog.ParseOne(name, sinks, 0, controllers));

        string Added(PrecisionPolicy policy)
        {
            if (policies.TrueForAll(other => other.Name != policy.Name))
            {
                policies.Add(policy);
            }

            return policy.Name;
        }
    }

    /// <summary>Whether a policy is one tier for all whose keys have more bits than its values.</summary>
    public static bool IsOneTier(string policy) => policy.StartsWith(OneTier, StringComparison.Ordinal);

    // Between two widths chance mixes tokens of both. Keys of the one and values of the other take the same bits and leave nothing to chance.
    private static IEnumerable<string> Between(double bits)
    {
        double low = Math.Floor(bits);
        if (bits - low == 0.5 && Array.IndexOf(Widths, (int)low) >= 0 && Array.IndexOf(Widths, (int)low + 1) >= 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{OneTier}{low + 1}v{low}");
        }
    }

    /// <summary>Thresholds of a rule at a mean of bits: the tokens with the largest values get the wider of the two widths around it, none of which it is itself.</summary>
    private static string Rule(SaliencyFeature feature, double bits, float[] sample)
    {
        int low = Widths.LastOrDefault(width => width < bits, Widths[0]);
        int high = Widths.FirstOrDefault(width => width > bits, 16);
        float[] known = [.. sample.Where(float.IsFinite).Order()];
        double share = (bits - low) / (high - low);
        float threshold = known[Math.Clamp((int)Math.Round((1 - share) * known.Length), 0, known.Length - 1)];
        return string.Create(CultureInfo.InvariantCulture, $"rule-{SaliencyFeatures.Name(feature)}-{low}-{threshold:0.######}-{high}");
    }

    // The attention that a token receives is known only where its tier waits for it.
    private static bool LooksBack(Controller controller) => controller.Features.Any(scale => scale.Feature == SaliencyFeature.AttentionReceived);

    private static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
