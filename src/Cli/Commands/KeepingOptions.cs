using System.CommandLine;
using System.Globalization;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli.Commands;

/// <summary>How one sequence's cache is kept: by a policy, at a mean of bits, or within a number of bytes.</summary>
/// <param name="budget">What <c>--kv-budget</c> means; null for one sequence's.</param>
internal sealed class KeepingOptions(string? budget = null)
{
    private readonly Option<string> policy = new("--policy")
    {
        Description = $"How the cache is kept: {PolicyCatalog.Known}; where --controller is given, its choice at its own operating point",
        HelpName = "name",
        DefaultValueFactory = _ => "static-16",
    };

    private readonly Option<double?> targetBits = CommonOptions.Positive("--target-bits", "Mean effective bits of a controller's choices: 3.2 is --policy learned-3.2; by default the controller's own");

    private readonly Option<long?> kvBudget = CommonOptions.Bytes(
        "--kv-budget", budget ?? "Most bytes the cache may take at any time, such as 40MB or 512KiB: the controller's choices follow the bytes left, for prompt and --max-tokens; without it as many as the policy takes");

    // For a budget without a controller: the best that a share has room for.
    private static readonly string[] Ladder = ["static-16", "static-8+sinks1", "static-4+sinks1", "static-3+sinks1", "static-2+sinks1"];

    private readonly bool isShared = budget is not null;

    /// <summary>All of them, in the order the help shows them.</summary>
    public IReadOnlyList<Option> All => [policy, targetBits, kvBudget];

    /// <summary>The budget; null without one.</summary>
    public long? Budget(ParseResult arguments) => arguments.GetValue(kvBudget);

    /// <summary>The policy that is asked for, before it is known which controllers there are.</summary>
    public string Asked(ParseResult arguments) =>
        arguments.GetResult(policy) is { Implicit: false } || (arguments.GetValue(targetBits) is null && (isShared || Budget(arguments) is null))
            ? arguments.GetRequiredValue(policy)
            : PolicyCatalog.Learned();

    /// <summary>The names of the policies among which sequences choose that share a budget, from many bits to few: one, unless neither it nor a controller is given.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="controllers">The names that stand for the controllers that were given.</param>
    /// <exception cref="ArgumentException">The options contradict each other, or need a controller.</exception>
    public IReadOnlyList<string> Shared(ParseResult arguments, IReadOnlyList<string> controllers) =>
        controllers.Count > 0 || Budget(arguments) is null || arguments.GetValue(targetBits) is not null ? [Policy(arguments, controllers)]
        : arguments.GetResult(policy) is { Implicit: false } ? [arguments.GetRequiredValue(policy)]
        : Ladder;

    /// <summary>The policy's name.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="controllers">The names that stand for the controllers that were given.</param>
    /// <exception cref="ArgumentException">The options contradict each other, or need a controller.</exception>
    public string Policy(ParseResult arguments, IReadOnlyList<string> controllers)
    {
        string? given = arguments.GetResult(policy) is { Implicit: false } ? arguments.GetRequiredValue(policy) : null;
        (string? option, string sets) = (arguments.GetValue(targetBits), arguments.GetValue(kvBudget)) switch
        {
            (not null, not null) => throw new ArgumentException("--target-bits and --kv-budget both set what a bit costs: give one of the two"),
            (not null, _) => ("--target-bits", "the bits"),
            (_, not null) => ("--kv-budget", "the bits from token to token"),
            _ => (null, string.Empty),
        };
        if (controllers.Count == 0 && option is not null)
        {
            throw new ArgumentException(given is null || PolicyCatalog.IsLearned(given)
                ? $"{option} sets {sets} of a controller's choices, and none ships for this model: name its file with --controller; 'akv train' makes one"
                : $"{option} sets {sets} of a controller's choices, and so does --policy {given}: leave one of the two out");
        }

        if (controllers.Count > 1 && given is null)
        {
            throw new ArgumentException($"--controller is given {controllers.Count} times: one sequence has one policy: give one of {string.Join(", ", controllers)}");
        }

        string name = given ?? (controllers.Count > 0 ? controllers[0] : arguments.GetRequiredValue(policy));
        if (option is null)
        {
            return name;
        }

        string[] parts = name.Split('+', 2);
        if (!controllers.Contains(parts[0]))
        {
            throw new ArgumentException($"{option} sets {sets}, and so does --policy {name}: write --policy {controllers[0]}, or leave it out");
        }

        return arguments.GetValue(targetBits) is { } bits
            ? string.Create(CultureInfo.InvariantCulture, $"{parts[0]}-{bits:0.####}{(parts.Length > 1 ? "+" + parts[1] : "")}")
            : name;
    }
}
