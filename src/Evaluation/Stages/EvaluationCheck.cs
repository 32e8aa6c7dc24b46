using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>What the stage <c>evaluate</c> would refuse, found before it runs.</summary>
internal static class EvaluationCheck
{
    /// <summary>As <see cref="StageKind.Check"/>.</summary>
    public static IEnumerable<ParamFault> Faults(StageProposal proposal)
    {
        EvaluateParams values = proposal.Params.Read<EvaluateParams>();
        return [.. ControllerDeps.Faults(proposal, values.Policies, values.Sinks), .. Unit(proposal, values), .. Baselines(proposal, values), .. Sample(proposal, values)];
    }

    private static IEnumerable<ParamFault> Unit(StageProposal proposal, EvaluateParams values)
    {
        bool isText = values.Unit == EvaluationUnit.Text;
        if (isText && values.Shots > 0)
        {
            yield return new("shots", EvaluationItems.NoShots);
        }

        if (!isText && proposal.Has("oracle"))
        {
            yield return new("unit", "dep oracle has the costs of context and right ending alone: expected text with it");
        }
    }

    // Scores are taken over only where they were made in the same way.
    private static IEnumerable<ParamFault> Baselines(StageProposal proposal, EvaluateParams values) =>
        from other in new[] { proposal.Maker("baselines") }.OfType<ParamValues>()
        from name in (string[])["mode", "unit", "shots", .. values.Shots > 0 ? ["seed"] : (string[])[]]
        where other.All.ContainsKey(name) && other.All[name].ToString() != proposal.Params.All[name].ToString()
        select new ParamFault(name, $"is {proposal.Params.All[name]}, and {other.All[name]} in the stage that makes dep baselines: expected the same, or no baselines");

    private static IEnumerable<ParamFault> Sample(StageProposal proposal, EvaluateParams values)
    {
        if (proposal.File("data") is not { } data)
        {
            yield break;
        }

        bool isText = values.Unit == EvaluationUnit.Text;
        foreach ((string number, string problem) in SampleCheck.Faults(
            data, isText, values.Part, values.Skip, values.Limit, values.Seed, values.Shots, proposal.File("shot_items")))
        {
            yield return new(number, problem);
        }

        if (isText && !ItemFile.IsOne(data) && proposal.File("model") is { } model && ModelFormats.ContextProblem(model, values.Window) is { } longer)
        {
            yield return new("window", longer);
        }
    }
}
