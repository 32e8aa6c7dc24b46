namespace AdaptiveKv.Evaluation.Stages;

/// <summary>What scores are made of.</summary>
/// <param name="Shared">What holds for all policies, by name: model, data, transform, mode.</param>
/// <param name="Controllers">SHA-256 of the controllers' files, by the names that stand for them ("learned:published").</param>
internal sealed record ScoreConditions(IReadOnlyDictionary<string, string> Shared, IReadOnlyDictionary<string, string> Controllers)
{
    private const string ControllerSuffix = "_sha256";

    /// <summary>All of it, as it is written beside scores.</summary>
    public IReadOnlyDictionary<string, string> Provenance { get; } = new Dictionary<string, string>(
        Shared.Concat(Controllers.Select(pair => KeyValuePair.Create(pair.Key + ControllerSuffix, pair.Value))));

    /// <summary>The controllers that other scores, too, were made with, by the names that stand for them in both.</summary>
    /// <param name="provenance">What was written beside those.</param>
    public IEnumerable<string> ControllersOf(IReadOnlyDictionary<string, string> provenance) =>
        Controllers.Where(pair => provenance.GetValueOrDefault(pair.Key + ControllerSuffix) == pair.Value).Select(pair => pair.Key);
}
