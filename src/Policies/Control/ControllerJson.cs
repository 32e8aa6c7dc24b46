using System.Text.Json.Serialization;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Policies.Control;

/// <summary>What the metadata of a controller's file say, member by member; every one but Predicts and ProbeLayer must be there, and no other.</summary>
internal sealed record ControllerJson
{
    private const string PredictsTier = "tier";
    private const string PredictsLoss = "loss";

    public required IReadOnlyList<FeatureJson> Features { get; init; }

    public required IReadOnlyList<int> Hidden { get; init; }

    public required IReadOnlyList<TierJson> Tiers { get; init; }

    public required BudgetJson? Budget { get; init; }

    /// <summary>"tier", as files without it do, or "loss".</summary>
    public string Predicts { get; init; } = PredictsTier;

    /// <summary>The layer that the probe reads after; none where there is no probe.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ProbeLayer { get; init; }

    public required ControllerRecord Record { get; init; }

    public static ControllerJson Of(Controller controller) => new()
    {
        Features = [.. controller.Features.Select(scale => new FeatureJson(SaliencyFeatures.Name(scale.Feature), scale.Mean, scale.Deviation))],
        Hidden = [.. controller.Layers.SkipLast(1).Select(layer => layer.Outputs)],
        Tiers = [.. controller.Tiers.Select(cost => new TierJson(cost.Tier.ToString(), cost.Bits, cost.Milliseconds))],
        Budget = controller.Budget is { } budget ? new BudgetJson(budget.Prices, budget.Bits) : null,
        Predicts = controller.PredictsLoss ? PredictsLoss : PredictsTier,
        ProbeLayer = controller.Probe?.Layer,
        Record = controller.Record with { Metrics = new SortedDictionary<string, double>(controller.Record.Metrics.ToDictionary(), StringComparer.Ordinal) },
    };

    /// <summary>The shapes of the layers from features to tiers; those of the hidden ones are checked before memory is asked for.</summary>
    /// <exception cref="FormatException">There are too many layers or units.</exception>
    public IEnumerable<(int Inputs, int Outputs)> LayerShapes()
    {
        if (Hidden.Count is < 1 or > Controller.MostHidden || Hidden.Any(units => units is < 1 or > Controller.MostUnits))
        {
            throw new FormatException(
                $"hidden is [{string.Join(", ", Hidden.Take(8))}]; 1 to {Controller.MostHidden} layers of 1 to {Controller.MostUnits} units are expected");
        }

        int[] widths = [Features.Count, .. Hidden, Tiers.Count];
        return widths.Zip(widths.Skip(1));
    }

    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    /// <exception cref="FormatException">A feature or a tier is unknown.</exception>
    public Controller ToController(IReadOnlyList<DenseLayer> layers, RarityTable? rarity, HiddenProbe? probe, string sha256) => new(
        [.. Features.Select(feature => new FeatureScale(SaliencyFeatures.Parse(feature.Name), feature.Mean, feature.Deviation))],
        layers,
        [.. Tiers.Select(tier => new TierCost(Tier(tier.Tier), tier.Bits, tier.Milliseconds))],
        Record)
    {
        Budget = Budget is null ? null : new BudgetCurve(Budget.Prices, Budget.Bits),
        Rarity = rarity,
        Probe = probe,
        Sha256 = sha256,
        PredictsLoss = Predicts switch
        {
            PredictsTier => false,
            PredictsLoss => true,
            _ => throw new FormatException($"predicts is '{Predicts}': '{PredictsTier}' or '{PredictsLoss}' is expected"),
        },
    };

    private static KvTier Tier(string name) => KvTier.TryParse(name, out KvTier tier)
        ? tier
        : throw new FormatException($"unknown tier '{name}': a width such as 4, or k8v4");

    /// <summary>A feature by its name, with its scaling.</summary>
    internal sealed record FeatureJson(string Name, float Mean, float Deviation);

    /// <summary>A tier by its name, with its costs.</summary>
    internal sealed record TierJson(string Tier, double Bits, double? Milliseconds);

    /// <summary>The points of a budget curve.</summary>
    internal sealed record BudgetJson(IReadOnlyList<double> Prices, IReadOnlyList<double> Bits);
}

/// <summary>Reads and writes <see cref="ControllerJson"/> without reflection, strictly.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ControllerJson))]
internal sealed partial class ControllerJsonContext : JsonSerializerContext;
