using System.CommandLine;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.KvCache;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Cli.Commands;

/// <summary>The options of every command that keeps a cache: how its tokens are coded.</summary>
internal sealed class CodeOptions
{
    private const string Minmax = "minmax";

    private readonly Option<string?> code = NamedValue.Option<CacheCode>(
        "--code", "How tokens are coded: as they are; rotated, with clipped ranges (the default); or in the space of --transform, which implies it");

    private readonly FileOption<string?> transform = new(FileRole.Input, "--transform") { Description = "A file of 'akv calibrate' for this model" };
    private readonly Option<string?> range = NamedValue.Option("--range", "How the range of a group's codes is chosen; minmax for --code minmax, clip for the others", Minmax, "clip");
    private readonly Option<int> group = CommonOptions.WholeNumber("--group", "Elements that share a scale, a multiple of 32; 0 for a whole head", 0, 0);
    private readonly Option<int> sinks = CommonOptions.WholeNumber("--sinks", "First tokens that every policy keeps at 16 bits", 0, 0, PolicyCatalog.MostKept);
    private readonly Option<int> recent = CommonOptions.WholeNumber("--recent", "Newest tokens that every policy keeps at 16 bits", 0, 0, PolicyCatalog.MostKept);

    private readonly FileOption<string[]> controller = new(FileRole.Input, "--controller")
    {
        Description = "A file of 'akv train': the policy 'learned'; as NAME=FILE the policy 'learned:NAME'; may be given several times; without it 'learned' is the controller that ships for the model, if any",
    };

    /// <summary>All of them, in the order the help shows them.</summary>
    public IReadOnlyList<Option> All => [code, transform, range, group, sinks, recent, controller];

    private Dictionary<string, Controller> Controllers(ParseResult arguments)
    {
        Dictionary<string, Controller> controllers = [];
        foreach (string given in arguments.GetValue(controller) ?? [])
        {
            string[] parts = given.Split('=', 2);
            string name = PolicyCatalog.Learned(parts.Length == 1 ? null : parts[0]);
            if (!controllers.TryAdd(name, ControllerFile.Read(ArtifactReader.Verified(parts[^1])).Controller))
            {
                throw new ArgumentException($"--controller {given}: '{name}' is named twice: write NAME=FILE with another name");
            }
        }

        return controllers;
    }

    /// <summary>The policies of an option; where it is left out, those of its preset and each controller at its own operating point.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="option">Comma-separated names.</param>
    /// <param name="choice">Sinks and window of all, and the controllers.</param>
    /// <exception cref="FormatException">A policy is unknown.</exception>
    /// <exception cref="ArgumentException">A controller would be ignored.</exception>
    public static IReadOnlyList<PrecisionPolicy> Policies(ParseResult arguments, Option<string> option, CodeChoice choice)
    {
        (CodeSetup setup, IReadOnlyDictionary<string, Controller> controllers) = choice;
        string names = arguments.GetRequiredValue(option);
        if (arguments.GetResult(option) is not { Implicit: false })
        {
            names = string.Join(',', controllers.Keys.Prepend(names));
        }

        IReadOnlyList<PrecisionPolicy> policies = PolicyCatalog.Parse(names, setup.Sinks, setup.Recent, controllers);
        RequireUse(policies, controllers, option.Name);
        return policies;
    }

    /// <summary>Refuses a controller that no policy asks: who names its file expects it to choose.</summary>
    /// <exception cref="ArgumentException">One would be ignored.</exception>
    public static void RequireUse(IReadOnlyList<PrecisionPolicy> policies, IReadOnlyDictionary<string, Controller> controllers, string option)
    {
        if (PolicyCatalog.Idle(policies, [.. controllers.Keys]) is [string idle, ..])
        {
            throw new ArgumentException($"--controller: {option} does not name '{idle}', so that its file would be ignored: write {idle} or {idle}-3.5, or leave the controller out");
        }
    }

    /// <summary>What the user chose.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="policies">Names of policies: where one is a controller's choice and no controller is given, that which ships for the model is taken, with its transform.</param>
    /// <param name="terminal">Hears which was taken.</param>
    /// <exception cref="ArgumentException">The options contradict each other, or two controllers have one name.</exception>
    /// <exception cref="FileNotFoundException">There is no such transform.</exception>
    public CodeChoice Read(ParseResult arguments, string policies, Terminal terminal)
    {
        Dictionary<string, Controller> controllers = Controllers(arguments);
        string? file = arguments.GetValue(transform);
        if (controllers.Count == 0 && policies.Split(',', StringSplitOptions.TrimEntries).Any(PolicyCatalog.IsLearned) && Shipped(arguments) is { } shipped)
        {
            controllers.Add(PolicyCatalog.Learned(), ControllerFile.Read(shipped.Controller).Controller);
            file ??= arguments.GetValue(code) is null ? shipped.Transform : null;
            terminal.Note($"controller: the one that ships for this model{(file == shipped.Transform ? ", with its transform" : "")}; --controller takes another");
        }

        CacheCode preset = file is null ? CacheCode.Hadamard : CacheCode.Calibrated;
        CacheCode chosen = arguments.GetValue(code) is { } name ? NamedValue.Of<CacheCode>(name) : preset;
        if (chosen == CacheCode.Calibrated != file is not null)
        {
            throw new ArgumentException(file is null
                ? "--code calibrated: name the transform with --transform; 'akv calibrate' makes one"
                : $"--transform {file}: only --code calibrated uses a transform: leave one of the two out");
        }

        if (file is not null)
        {
            TransformFile.Require(ArtifactReader.Verified(file));
        }

        bool minmax = arguments.GetValue(range) is { } given ? given == Minmax : chosen == CacheCode.Minmax;
        RangeSearch search = minmax ? RangeSearch.MinMax : RangeSearch.Clip;
        return new CodeChoice(new CodeSetup(chosen, file, search, arguments.GetValue(group), arguments.GetValue(sinks), arguments.GetValue(recent)), controllers);
    }

    private static ShippedController? Shipped(ParseResult arguments)
    {
        using ModelSource source = ModelFormats.Open(arguments.GetRequiredValue<string>("--model"));
        return ShippedController.Find(source.Sha256);
    }
}

/// <summary>How tokens are coded, and the controllers, by the names that stand for them.</summary>
internal sealed record CodeChoice(CodeSetup Setup, IReadOnlyDictionary<string, Controller> Controllers);
