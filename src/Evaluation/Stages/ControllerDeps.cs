using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Control;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>The controllers that a stage is given, and the policies they stand for.</summary>
internal static class ControllerDeps
{
    /// <summary>The one that every stage with policies can take.</summary>
    public static StageInput Main { get; } = new("controller", "A controller, of the stage train: the policy 'learned'") { Optional = true };

    /// <summary>Those it is compared with.</summary>
    public static IReadOnlyList<StageInput> Others { get; } =
    [
        new("rival", "Another controller: the policy 'learned:rival'") { Optional = true },
        new("published", "One that sees the published features only: the policy 'learned:published'") { Optional = true },
        new("example", "One that learned from labels of whole items: the policy 'learned:example'") { Optional = true },
        new("delayed", "One that sees what a token receives while its tier waits: the policy 'learned:delayed', where param recent is set") { Optional = true },
        new("foreign", "One that was trained on another model: the policy 'learned:foreign'") { Optional = true },
        new("rescaled", "The same after the stage rescale: the policy 'learned:rescaled'") { Optional = true },
    ];

    /// <summary>What is wrong with the policies that a stage names, as far as that hangs on no controller's content.</summary>
    public static IEnumerable<ParamFault> Faults(StageProposal proposal, string policies, int sinks)
    {
        try
        {
            PolicyCatalog.Check(policies, sinks, [.. Others.Prepend(Main).Where(dep => proposal.Has(dep.Name)).Select(PolicyOf)]);
            return [];
        }
        catch (FormatException exception)
        {
            return [new ParamFault("policies", exception.Message)];
        }
    }

    /// <summary>Reads those that are given.</summary>
    /// <returns>By the names of their policies.</returns>
    public static Dictionary<string, ControllerFile> Read(StageContext context, params IEnumerable<StageInput> deps) => deps
        .Where(dep => context.Has(dep.Name))
        .ToDictionary(PolicyOf, dep => ControllerFile.Read(context.Dep(dep.Name)));

    private static string PolicyOf(StageInput dep) => PolicyCatalog.Learned(dep == Main ? null : dep.Name);

    /// <summary>Says which controllers no policy asks: a stage runs without them.</summary>
    /// <param name="context">Hears it.</param>
    /// <param name="policies">Those of the stage.</param>
    /// <param name="controllers">By the names of their policies.</param>
    public static void NoteIdle(StageContext context, IEnumerable<PrecisionPolicy> policies, IReadOnlyCollection<string> controllers)
    {
        foreach (string idle in PolicyCatalog.Idle(policies, controllers))
        {
            context.Reporter.Note($"a controller is given and not used: no policy is '{idle}'; name it in param policies, or set targets where the stage has them");
        }
    }

    /// <summary>The controllers without what is known of their files.</summary>
    public static Dictionary<string, Controller> Controllers(this IReadOnlyDictionary<string, ControllerFile> files) => files.ToDictionary(pair => pair.Key, pair => pair.Value.Controller);
}
