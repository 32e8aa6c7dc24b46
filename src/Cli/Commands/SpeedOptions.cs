using System.CommandLine;
using System.Globalization;
using AdaptiveKv.Evaluation.Speed;
using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Inference.Kernels;
using AdaptiveKv.Policies;

namespace AdaptiveKv.Cli.Commands;

/// <summary>The options of every command that times tokens by depth and policy.</summary>
/// <param name="presets">The policies where none are named.</param>
internal sealed class SpeedOptions(string presets)
{
    private readonly Option<string> model = CommonOptions.Model();
    private readonly Option<string> policies = new("--policies") { Description = $"Comma-separated: {PolicyCatalog.Known}", HelpName = "names", DefaultValueFactory = _ => presets };
    private readonly Option<string> depths = new("--depths") { Description = "Comma-separated cache lengths to decode at", HelpName = "tokens", DefaultValueFactory = _ => "128,1024,4096,8192" };
    private readonly Option<int> tokens = CommonOptions.WholeNumber("--tokens", "Tokens decoded at each depth, timed one by one", 1, 32, SpeedSettings.MostTokens);
    private readonly Option<int> repeats = CommonOptions.WholeNumber("--repeats", "How often everything is measured", 1, 3, SpeedSettings.MostRepeats);
    private readonly CodeOptions code = new();
    private readonly Option<int?> threads = CommonOptions.Threads();
    private readonly Option<string> arithmetic = CommonOptions.Arithmetic();
    private readonly FileOption<string?> ids = new(FileRole.Input, "--ids") { Description = "Token ids to read, a JSON array; random ones if not given" };
    private readonly Option<ulong> seed = CommonOptions.Seed();
    private readonly Option<bool> force = new("--force") { Description = "Measure a Debug build or without AVX2, too" };

    /// <summary>All of them, in the order the help shows them.</summary>
    public IReadOnlyList<Option> All => [model, policies, depths, tokens, repeats, .. code.All, threads, arithmetic, ids, seed, force];

    /// <summary>What is timed, with the model loaded.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="prefill">Tokens of the prompt whose reading is timed.</param>
    /// <param name="terminal">Hears notes.</param>
    /// <param name="prefillDepths">Cache lengths after which it is timed too.</param>
    /// <exception cref="ArgumentException">Nothing worth knowing can be measured here.</exception>
    /// <exception cref="FormatException">A policy is unknown, or depths are no numbers from 1 to <see cref="SpeedSettings.MostTokens"/>.</exception>
    public SpeedRequest Read(ParseResult arguments, int prefill, Terminal terminal, IReadOnlyList<int>? prefillDepths = null)
    {
        RequireConditions(arguments.GetValue(force), terminal);
        CodeChoice choice = code.Read(arguments, arguments.GetRequiredValue(policies), terminal);
        IReadOnlyList<PrecisionPolicy> chosen = CodeOptions.Policies(arguments, policies, choice);
        SpeedSettings settings = new(Numbers("--depths", arguments.GetRequiredValue(depths), SpeedSettings.MostTokens), prefill, arguments.GetValue(tokens), arguments.GetValue(repeats))
        {
            PrefillDepths = prefillDepths ?? [],
        };
        TokenIds? given = arguments.GetValue(ids) is { } file ? TokenIds.Read(file) : null;
        LlamaModel loaded = LlamaModel.Load(arguments.GetRequiredValue(model), NamedValue.Of<Arithmetic>(arguments.GetRequiredValue(arithmetic)), terminal.Note);
        TokenIds read = given ?? TokenIds.Draw(settings.LongestSequence, loaded.Shape.Vocabulary, arguments.GetValue(seed));
        return new SpeedRequest(loaded, chosen, choice, settings, read, CommonOptions.Threads(arguments.GetValue(threads), loaded, terminal));
    }

    /// <summary>For each policy some instances of it: one serves one session.</summary>
    public IReadOnlyList<IReadOnlyList<PrecisionPolicy>> Companies(ParseResult arguments, SpeedRequest asked, int sessions)
    {
        IReadOnlyList<PrecisionPolicy>[] instances = [.. Enumerable.Range(0, sessions).Select(_ => CodeOptions.Policies(arguments, policies, asked.Choice))];
        return [.. asked.Policies.Select((_, i) => (IReadOnlyList<PrecisionPolicy>)[.. instances.Select(all => all[i])])];
    }

    /// <summary>The numbers of a list, ascending, each once.</summary>
    /// <param name="option">Its name.</param>
    /// <param name="list">Comma-separated.</param>
    /// <param name="most">The largest there may be; the least is 1.</param>
    /// <exception cref="FormatException">One is not such a number.</exception>
    public static IReadOnlyList<int> Numbers(string option, string list, int most) =>
    [
        .. list.Split(',', StringSplitOptions.TrimEntries)
            .Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1 && number <= most
                ? number
                : throw new FormatException($"{option} '{list}': '{word}' is not a whole number from 1 to {most}"))
            .Distinct()
            .Order(),
    ];

    private static void RequireConditions(bool force, Terminal terminal)
    {
        foreach (string fault in SpeedConditions.Faults)
        {
            if (!force)
            {
                throw new ArgumentException($"no speed worth knowing can be measured: {fault}, or pass --force");
            }

            terminal.Note($"warning: {fault}; these figures say nothing about the engine");
        }
    }
}
