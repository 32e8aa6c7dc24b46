using System.CommandLine;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Cli.Commands;

/// <summary>How one sequence's cache is kept and coded: the options of the commands that decode.</summary>
internal sealed class SessionChoice
{
    private readonly KeepingOptions keeping = new();
    private readonly CodeOptions code = new();
    private readonly Option<int?> threads = CommonOptions.Threads();
    private readonly Option<string> arithmetic = CommonOptions.Arithmetic();

    /// <summary>All of them, in the order the help shows them.</summary>
    public IReadOnlyList<Option> All => [.. keeping.All, .. code.All, threads, arithmetic];

    /// <summary>What the user chose.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="terminal">Hears notes.</param>
    /// <exception cref="FormatException">The policy is unknown.</exception>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public SessionRequest Read(ParseResult arguments, Terminal terminal)
    {
        (CodeSetup coded, IReadOnlyDictionary<string, Controller> controllers) = code.Read(arguments, keeping.Asked(arguments), terminal);
        PrecisionPolicy policy = PolicyCatalog.ParseOne(keeping.Policy(arguments, [.. controllers.Keys]), coded.Sinks, coded.Recent, controllers);
        CodeOptions.RequireUse([policy], controllers, "--policy");
        return new SessionRequest(
            policy, PolicyCatalog.TargetOf(policy.Name, controllers.Keys), keeping.Budget(arguments), coded, arguments.GetValue(threads),
            NamedValue.Of<Arithmetic>(arguments.GetRequiredValue(arithmetic)));
    }
}
