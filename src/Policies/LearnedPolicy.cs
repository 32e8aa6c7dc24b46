using System.Globalization;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Policies;

/// <summary>
/// A controller's choice ("learned"), or with the price of a bit that leads to a wanted mean ("learned-3.5"): argmax over the tiers b of
/// logit_b - price * bits_b.
/// </summary>
internal sealed class LearnedPolicy : PrecisionPolicy
{
    /// <summary>How names of such policies begin.</summary>
    public const string Prefix = "learned";

    private readonly Controller controller;
    private readonly double price;

    private LearnedPolicy(string name, Controller controller, double price)
    {
        Name = name;
        Features = [.. controller.Features.Select(scale => scale.Feature)];
        (this.controller, this.price) = (controller, price);
    }

    public override string Name { get; }

    public override IReadOnlyList<SaliencyFeature> Features { get; }

    public override RarityTable? Rarity => controller.Rarity;

    /// <summary>The policy of a name: "learned" or "learned-BITS"; or with one of several controllers "learned:NAME" or "learned:NAME-BITS".</summary>
    /// <param name="name">The name.</param>
    /// <param name="controllers">By the beginning of the names that stand for them.</param>
    /// <exception cref="FormatException">The name is not of that form, there is no such controller, or it cannot reach the bits.</exception>
    public static LearnedPolicy Parse(string name, IReadOnlyDictionary<string, Controller> controllers)
    {
        int dash = name.LastIndexOf('-');
        (string key, string? bits) = dash < 0 ? (name, null) : (name[..dash], name[(dash + 1)..]);
        if (!controllers.TryGetValue(key, out Controller? controller))
        {
            throw new FormatException(controllers.Count == 0
                ? $"policy '{name}' needs a controller: give its file, which 'akv train' makes"
                : $"policy '{name}': there is no controller '{key}': known: {string.Join(", ", controllers.Keys)}");
        }

        return new LearnedPolicy(name, controller, bits is null ? 0 : Price(name, bits, controller));
    }

    public override KvTier Choose(int position) => controller.Tiers[^1].Tier;

    public override KvTier Choose(TokenView token) => controller.Tiers[controller.Choose(token.Saliency, price)].Tier;

    private static double Price(string name, string bits, Controller controller)
    {
        if (!double.TryParse(bits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double target))
        {
            throw new FormatException($"policy '{name}': '{bits}' is no number of bits, such as {Prefix}-3.5");
        }

        try
        {
            return controller.Budget?.PriceOf(target) ?? throw new ArgumentException("the controller has no budget curve; train it again");
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"policy '{name}': {exception.Message}", exception);
        }
    }
}
