using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Pipeline.Stages;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>What the stage <c>evaluate</c> would refuse, found before it runs.</summary>
internal static class EvaluationCheck
{
    /// <summary>As <see cref="StageKind.Check"/>.</summary>
    public static IEnumerable<ParamFault> Faults(StageProposal proposal) =>
        [.. ControllerDeps.Faults(proposal), .. Unit(proposal), .. Baselines(proposal), .. Sample(proposal)];

    private static IEnumerable<ParamFault> Unit(StageProposal proposal)
    {
        bool isText = proposal.Params.Text("unit") == "text";
        if (isText && proposal.Params.Integer("shots") > 0)
        {
            yield return new("shots", EvaluationItems.NoShots);
        }

        if (!isText && proposal.Has("oracle"))
        {
            yield return new("unit", "dep oracle has the costs of context and right ending alone: expected text with it");
        }
    }

    // Scores are taken over only where they were made in the same way.
    private static IEnumerable<ParamFault> Baselines(StageProposal proposal) =>
        from other in new[] { proposal.Maker("baselines") }.OfType<ParamValues>()
        from name in (string[])["mode", "unit", "shots", .. proposal.Params.Integer("shots") > 0 ? ["seed"] : (string[])[]]
        where other.Has(name) && other.All[name].ToString() != proposal.Params.All[name].ToString()
        select new ParamFault(name, $"is {proposal.Params.All[name]}, and {other.All[name]} in the stage that makes dep baselines: expected the same, or no baselines");

    private static IEnumerable<ParamFault> Sample(StageProposal proposal)
    {
        if (proposal.File("data") is not { } data)
        {
            yield break;
        }

        ParamValues values = proposal.Params;
        bool isText = values.Text("unit") == "text";
        foreach ((string number, string problem) in SampleCheck.Faults(
            data, isText, (int)values.Integer("skip"), (int)values.Integer("limit"), (ulong)values.Integer("seed"), (int)values.Integer("shots"), proposal.File("shot_items")))
        {
            yield return new(number, problem);
        }

        if (isText && !ItemFile.IsOne(data) && proposal.File("model") is { } model && ModelFormats.ContextProblem(model, (int)values.Integer("window")) is { } longer)
        {
            yield return new("window", longer);
        }
    }
}
