using System.Globalization;
using AdaptiveKv.Files;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Policies;

/// <summary>The policies a user can name, and the way from a name to its policy.</summary>
public static class PolicyCatalog
{
    /// <summary>The most first, or newest, tokens that a policy keeps at 16 bits.</summary>
    public const int MostKept = 65536;

    private static readonly BitWidth[] Widths = Enum.GetValues<BitWidth>();

    private static readonly Dictionary<string, KvTier> StaticTiers = NameStaticTiers();

    private static readonly Modifier[] Modifiers =
    [
        new("sinks", MostKept, "the first N tokens stay at 16 bits", (policy, n) => new SinkPolicy(policy, n)),
        new("recent", MostKept, "the newest N do", (policy, n) => new RecentPolicy(policy, n)),
        new("escalate", 50, "the N % with the largest own error go one tier up", (policy, n) => new EscalationPolicy(policy, n)),
    ];

    /// <summary>What <see cref="Parse"/> accepts, for help texts and error messages.</summary>
    public static string Known { get; } =
        string.Join(", ", Widths.Select(width => "static-" + KvTier.Of(width)))
        + ", static-kXvY (keys X bits, values Y bits, such as static-k8v4; 0 bits drop a token, keys and values both: static-0), mix-X-Y-... (dealt by chance in equal shares), random-BITS@SEED (by chance at a mean, such as random-3.5@1), "
        + "rule-FEATURE-BITS-THRESHOLD-BITS (such as rule-entropy-2-0.9-4), learned or learned-BITS (a controller's choice, at a wanted mean); each may be followed by "
        + string.Join(", ", Modifiers.Select(modifier => $"+{modifier.Name}N ({modifier.Meaning})"));

    /// <summary>The name that stands for a controller's choice.</summary>
    /// <param name="controller">Which of several; null for the one that has no name.</param>
    public static string Learned(string? controller = null) => controller is null ? LearnedPolicy.Prefix : $"{LearnedPolicy.Prefix}:{controller}";

    /// <summary>Whether a policy of this name chooses by a controller.</summary>
    public static bool IsLearned(string policy) => policy.StartsWith(LearnedPolicy.Prefix, StringComparison.Ordinal);

    /// <summary>Whether a policy of this name gives every token one tier, but for sinks and a window.</summary>
    public static bool IsStatic(string policy) => policy.StartsWith("static-", StringComparison.Ordinal) && !policy.Contains("+escalate", StringComparison.Ordinal);

    /// <summary>Whether a policy of this name deals tiers by chance.</summary>
    public static bool IsChance(string policy) => policy.StartsWith(RandomPolicy.Prefix, StringComparison.Ordinal);

    /// <summary>The name that stands for the controller of a learned policy ("learned:published" of "learned:published-3.5+sinks1").</summary>
    /// <param name="policy">The policy's name.</param>
    /// <param name="controllers">Names that stand for controllers.</param>
    public static string ControllerOf(string policy, IEnumerable<string> controllers) => LearnedPolicy.Split(policy.Split('+')[0], controllers).Key;

    /// <summary>The mean of effective bits that a learned policy's name asks for ("learned-3.5+sinks1"); null where it asks for none.</summary>
    /// <param name="policy">The policy's name.</param>
    /// <param name="controllers">Names that stand for controllers.</param>
    public static double? TargetOf(string policy, IEnumerable<string> controllers) =>
        IsLearned(policy) && LearnedPolicy.Split(policy.Split('+')[0], controllers).Bits is { } bits ? double.Parse(bits, CultureInfo.InvariantCulture) : null;

    /// <summary>The controllers that no policy asks, by the names that stand for them.</summary>
    /// <param name="policies">The policies.</param>
    /// <param name="controllers">Names that stand for controllers.</param>
    public static IReadOnlyList<string> Idle(IEnumerable<PrecisionPolicy> policies, IReadOnlyCollection<string> controllers) =>
        [.. controllers.Except(policies.Where(policy => IsLearned(policy.Name)).Select(policy => ControllerOf(policy.Name, controllers)))];

    /// <summary>Policies of a comma-separated list, in its order.</summary>
    /// <param name="names">Such as "static-16,static-8,static-k8v4+sinks1".</param>
    /// <param name="sinks">First tokens that every policy keeps at 16 bits, as if "+sinksN" were behind each name.</param>
    /// <param name="recent">Newest tokens that every policy keeps at 16 bits.</param>
    /// <param name="controllers">Controllers by the beginning of the names that stand for them: "learned", or "learned:NAME".</param>
    /// <exception cref="FormatException">The list is empty, holds an unknown name, or names one policy twice.</exception>
    public static IReadOnlyList<PrecisionPolicy> Parse(string names, int sinks = 0, int recent = 0, IReadOnlyDictionary<string, Controller>? controllers = null) =>
        List(names, sinks, recent, Learning(controllers));

    /// <summary>Refuses what <see cref="Parse"/> will, before there are controllers.</summary>
    /// <param name="names">As there.</param>
    /// <param name="sinks">As there.</param>
    /// <param name="controllers">The beginnings of names that controllers will stand for.</param>
    /// <exception cref="FormatException">As there, but for bits that a controller cannot reach.</exception>
    public static void Check(string names, int sinks, IReadOnlyCollection<string> controllers) => List(names, sinks, 0, name =>
    {
        LearnedPolicy.Check(name, controllers);
        return new AwaitedPolicy(name);
    });

    private static List<PrecisionPolicy> List(string names, int sinks, int recent, Func<string, PrecisionPolicy> learned)
    {
        ArgumentNullException.ThrowIfNull(names);
        var policies = new List<PrecisionPolicy>();
        foreach (string name in names.Split(',', StringSplitOptions.TrimEntries))
        {
            PrecisionPolicy policy = One(name, sinks, recent, learned);
            if (policies.Exists(other => other.Name == policy.Name))
            {
                throw new FormatException($"policy '{policy.Name}' is named twice in '{names}': name each policy once");
            }

            policies.Add(policy);
        }

        return policies;
    }

    /// <summary>The policy of one name.</summary>
    /// <param name="name">Such as "static-4" or "static-4+sinks1".</param>
    /// <param name="sinks">As in <see cref="Parse"/>.</param>
    /// <param name="recent">As in <see cref="Parse"/>.</param>
    /// <param name="controllers">As in <see cref="Parse"/>.</param>
    /// <exception cref="FormatException">The name is unknown; the message holds the nearest known one.</exception>
    public static PrecisionPolicy ParseOne(string name, int sinks = 0, int recent = 0, IReadOnlyDictionary<string, Controller>? controllers = null) =>
        One(name, sinks, recent, Learning(controllers));

    private static Func<string, PrecisionPolicy> Learning(IReadOnlyDictionary<string, Controller>? controllers) =>
        name => LearnedPolicy.Parse(name, controllers ?? new Dictionary<string, Controller>());

    private static PrecisionPolicy One(string name, int sinks, int recent, Func<string, PrecisionPolicy> learned)
    {
        ArgumentNullException.ThrowIfNull(name);
        string[] parts = name.Split('+');
        if (parts[0].Length == 0)
        {
            throw new FormatException($"a policy name is empty: expected a comma-separated list of {Known}");
        }

        PrecisionPolicy policy = Plain(parts[0], learned);
        List<(Modifier Modifier, int Count)> modifiers = [.. parts[1..].Select(Modification)];
        if (modifiers.GroupBy(part => part.Modifier).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new FormatException($"policy '{name}': '+{twice.Key.Name}' is given twice: give it once");
        }

        Default("sinks", sinks);
        Default("recent", recent);

        // At the staging width nothing is left to keep or to move up; the reference stays itself under any option.
        IEnumerable<(Modifier Modifier, int Count)> ordered = modifiers.OrderBy(part => Array.IndexOf(Modifiers, part.Modifier));
        return policy is StaticPolicy { IsWhole: true } ? policy : ordered.Aggregate(policy, (changed, part) => part.Modifier.Apply(changed, part.Count));

        void Default(string kind, int count)
        {
            if (count > 0 && !modifiers.Exists(part => part.Modifier.Name == kind))
            {
                modifiers.Add((Modifiers.First(modifier => modifier.Name == kind), count));
            }
        }
    }

    /// <summary>A policy with its first tokens at 16 bits, as if "+sinksN" were behind its name.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="sinks">Number of tokens; 0 leaves the policy as it is.</param>
    public static PrecisionPolicy WithSinks(PrecisionPolicy policy, int sinks) => sinks > 0 ? new SinkPolicy(policy, sinks) : policy;

    private static PrecisionPolicy Plain(string name, Func<string, PrecisionPolicy> learned) => name switch
    {
        _ when name.StartsWith(MixPolicy.Prefix, StringComparison.Ordinal) => MixPolicy.Parse(name),
        _ when name.StartsWith(RandomPolicy.Prefix, StringComparison.Ordinal) => RandomPolicy.Parse(name),
        _ when name.StartsWith(RulePolicy.Prefix, StringComparison.Ordinal) => RulePolicy.Parse(name),
        _ when IsLearned(name) => learned(name),
        _ => new StaticPolicy(StaticTiers.TryGetValue(name, out KvTier tier) ? tier : throw Unknown(name, StaticTiers.Keys)),
    };

    private static (Modifier Modifier, int Count) Modification(string text)
    {
        string word = text.TrimEnd("0123456789".ToCharArray());
        Modifier known = Modifiers.FirstOrDefault(modifier => modifier.Name == word) ?? throw Unknown("+" + text, Modifiers.Select(modifier => $"+{modifier.Name}{text[word.Length..]}"));
        return int.TryParse(text.AsSpan(word.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= 1 && count <= known.Most
            ? (known, count)
            : throw new FormatException($"policy part '+{text}': expected +{word}N with N from 1 to {known.Most}");
    }

    private static FormatException Unknown(string name, IEnumerable<string> known)
    {
        string suggestion = NearestName.Find(name, known) is { } nearest ? $"did you mean '{nearest}'? " : "";
        return new FormatException($"unknown policy '{name}': {suggestion}known: {Known}");
    }

    private static Dictionary<string, KvTier> NameStaticTiers()
    {
        // The plain widths come first, so that they win a tie among equally near names.
        var tiers = Widths.ToDictionary(width => "static-" + KvTier.Of(width), KvTier.Of, StringComparer.Ordinal);
        foreach (KvTier tier in KvTier.All)
        {
            tiers.Add($"static-k{(int)tier.Keys}v{(int)tier.Values}", tier);
        }

        return tiers;
    }

    private sealed record Modifier(string Name, int Most, string Meaning, Func<PrecisionPolicy, int, PrecisionPolicy> Apply);
}
