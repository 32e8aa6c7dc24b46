using AdaptiveKv.Policies;
using AdaptiveKv.Data;
using AdaptiveKv.Data.Schemas;

namespace AdaptiveKv.Evaluation.Stages;

/// <summary>Scores that an earlier evaluation made under the same conditions: its policies need not run again on the same items.</summary>
internal sealed class KnownScores
{
    private readonly Dictionary<(string Policy, string Item), ItemResult> results = [];
    private readonly HashSet<string> controllers;

    private KnownScores(IEnumerable<string> controllers) => this.controllers = [.. controllers];

    /// <summary>Reads scores.</summary>
    /// <param name="segments">Of the stage evaluate; none where there is nothing to be used again.</param>
    /// <param name="conditions">What the new scores are made of: <see cref="ScoreRows.Add"/> writes rows that compare only if this is the same.</param>
    /// <exception cref="InvalidDataException">The scores were made under other conditions.</exception>
    public static KnownScores Read(IReadOnlyList<string> segments, ScoreConditions conditions)
    {
        KnownScores known = new(conditions.Controllers.Keys);
        foreach (string path in segments)
        {
            known.controllers.IntersectWith(conditions.ControllersOf(Provenance(path, conditions.Shared)));
            foreach (ItemResult result in ScoreRows.Read(path))
            {
                known.results[(result.Policy, result.Item)] = result;
            }
        }

        return known;
    }

    /// <summary>Whether all scores of a policy are known, made with the same controller. An oracle's costs may differ under the same name.</summary>
    public bool Has(string policy, IEnumerable<string> items) =>
        (!PolicyCatalog.IsLearned(policy) || controllers.Contains(PolicyCatalog.ControllerOf(policy, controllers)))
        && !policy.StartsWith(OraclePolicy.Prefix, StringComparison.Ordinal) && items.All(item => results.ContainsKey((policy, item)));

    /// <summary>A score that <see cref="Has"/> has found.</summary>
    public ItemResult Of(string policy, string item) => results[(policy, item)];

    private static IReadOnlyDictionary<string, string> Provenance(string path, IReadOnlyDictionary<string, string> conditions)
    {
        TableReader reader = TableReader.Open(path, ScoreTable.Schema);
        foreach ((string name, string value) in conditions)
        {
            string? other = reader.Metadata.Provenance.GetValueOrDefault(name);
            if (other != value)
            {
                throw new InvalidDataException($"{path}: these scores cannot be used again: their {name} is {other ?? "unknown"}, and here it is {value}: evaluate without dep 'baselines', or make them again");
            }
        }

        return reader.Metadata.Provenance;
    }
}
