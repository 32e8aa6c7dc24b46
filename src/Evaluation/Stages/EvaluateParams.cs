using AdaptiveKv.Inference;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>The params of the stage <c>evaluate</c>.</summary>
internal sealed record EvaluateParams : SampleParams
{
    [Param("Comma-separated names")]
    public string Policies { get; init; } = "static-16,static-8,static-4,static-2";

    [Param("Effective bits at which chance, rules and controllers are compared with each other", Minimum = 2.25, Maximum = 16, Unit = "bits")]
    public IReadOnlyList<double> Targets { get; init; } = [];

    [Param("Seeds of chance at every target", Minimum = 1)]
    public int Seeds { get; init; } = 5;

    [Param("Features whose thresholds are compared at every target", Check = nameof(Feature))]
    public IReadOnlyList<string> Rules { get; init; } = ["entropy"];

    [Param("Newest tokens at 16 bits: a comparison at every target with each of these windows, behind one of the first controller and of those that look back", Minimum = 0, Maximum = PolicyCatalog.MostKept, LeastCount = 1, Unit = "tokens")]
    public IReadOnlyList<int> Recent { get; init; } = [0];

    [Param("First tokens that every policy keeps at 16 bits", Minimum = 0, Maximum = PolicyCatalog.MostKept, Unit = "tokens")]
    public int Sinks { get; init; } = 1;

    [Param("What is scored: every ending after its context (accuracy), or context and right ending, or a window of a text, as one text (perplexity)")]
    public EvaluationUnit Unit { get; init; } = EvaluationUnit.Endings;

    [Param("How the cache is filled")]
    public CacheMode Mode { get; init; } = CacheMode.TwoPass;

    private static void Feature(string name) => SaliencyFeatures.Parse(name);
}
