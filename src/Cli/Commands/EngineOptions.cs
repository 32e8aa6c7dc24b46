using System.CommandLine;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli.Commands;

/// <summary>The options of every command that measures policies on a model.</summary>
internal sealed class EngineOptions
{
    private readonly Option<string> model = CommonOptions.Model();
    private readonly Option<string> policies = new("--policies")
    {
        Description = $"Comma-separated: {PolicyCatalog.Known}",
        HelpName = "names",
        DefaultValueFactory = _ => "static-16,static-8,static-4,static-2",
    };

    private readonly Option<string> mode = NamedValue.Option(
        "--mode", "How the cache is filled: token by token, in one pass with known tiers, or at 16 bits by chunks", CacheMode.TwoPass);

    private readonly CodeOptions code = new();
    private readonly Option<int?> threads = CommonOptions.Threads();
    private readonly Option<string> arithmetic = CommonOptions.Arithmetic();
    private readonly Option<bool> json = new("--json") { Description = "Print JSON instead of a table" };
    private readonly Option<bool> markdown = new("--markdown") { Description = "Print a Markdown table" };

    /// <summary>Adds the options and the command's own to a command, in the order its help shows them.</summary>
    public void AddTo(Command command, params Option[] own)
    {
        foreach (Option option in (Option[])[model, own[0], policies, mode, .. code.All, .. own[1..], threads, arithmetic, json, markdown])
        {
            command.Add(option);
        }
    }

    /// <summary>What the user chose.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="terminal">Hears notes.</param>
    /// <exception cref="FormatException">A policy is unknown.</exception>
    /// <exception cref="ArgumentException">The options of the code contradict each other, or a controller would be ignored.</exception>
    public EngineSettings Read(ParseResult arguments, Terminal terminal)
    {
        CodeChoice chosen = code.Read(arguments, arguments.GetRequiredValue(policies), terminal);
        return new EngineSettings(
            arguments.GetRequiredValue(model),
            CodeOptions.Policies(arguments, policies, chosen),
            NamedValue.Of<CacheMode>(arguments.GetRequiredValue(mode)),
            arguments.GetValue(threads),
            chosen.Setup,
            NamedValue.Of<Arithmetic>(arguments.GetRequiredValue(arithmetic)));
    }

    /// <summary>The report in the form that was asked for.</summary>
    public string Render<T>(ParseResult arguments, T report, Func<T, string> asJson, Func<T, string> asMarkdown, Func<T, string> asText) =>
        (arguments.GetValue(json) ? asJson : arguments.GetValue(markdown) ? asMarkdown : asText)(report).TrimEnd('\n');
}

/// <summary>What <see cref="EngineOptions"/> read.</summary>
internal sealed record EngineSettings(
    string Model, IReadOnlyList<PrecisionPolicy> Policies, CacheMode Mode, int? Threads, CodeSetup Code, Arithmetic Arithmetic);
