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

    private LearnedPolicy(string name, Controller controller, double? price)
    {
        Name = name;
        Features = [.. controller.Features.Select(scale => scale.Feature)];
        (Controller, Price, HasTarget) = (controller, price ?? 0, price is not null);
    }

    public override string Name { get; }

    public override IReadOnlyList<SaliencyFeature> Features { get; }

    public override RarityTable? Rarity => Controller.Rarity;

    public override HiddenProbe? Probe => Controller.Probe;

    public override string? ControllerSha256 => Controller.Sha256;

    /// <summary>Whose choice it is.</summary>
    public Controller Controller { get; }

    /// <summary>Whether the name says which mean of bits is wanted.</summary>
    public bool HasTarget { get; }

    /// <summary>Logits per effective bit; a budget changes it from token to token.</summary>
    public double Price { get; set; }

    /// <summary>The policy of a name: "learned" or "learned-BITS"; or with one of several controllers "learned:NAME" or "learned:NAME-BITS".</summary>
    /// <param name="name">The name.</param>
    /// <param name="controllers">By the beginning of the names that stand for them.</param>
    /// <exception cref="FormatException">The name is not of that form, there is no such controller, or it cannot reach the bits.</exception>
    public static LearnedPolicy Parse(string name, IReadOnlyDictionary<string, Controller> controllers)
    {
        (string key, double? bits) = Check(name, [.. controllers.Keys]);
        Controller controller = controllers[key];
        return new LearnedPolicy(name, controller, bits is { } target ? PriceOf(name, target, controller) : null);
    }

    /// <summary>The controller that a name stands for, and the bits that it wants, as far as the name tells.</summary>
    /// <param name="name">The name.</param>
    /// <param name="controllers">The beginnings of names that controllers stand for.</param>
    /// <exception cref="FormatException">The name is not of that form, or there is no such controller.</exception>
    public static (string Key, double? Bits) Check(string name, IReadOnlyCollection<string> controllers)
    {
        (string key, string? bits) = Split(name, controllers);
        if (!controllers.Contains(key))
        {
            throw new FormatException(controllers.Count == 0
                ? $"policy '{name}' needs a controller: give its file, which 'akv train' makes"
                : $"policy '{name}': there is no controller '{key}': known: {string.Join(", ", controllers)}");
        }

        return bits is null ? (key, null)
            : double.TryParse(bits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double target) ? (key, target)
            : throw new FormatException($"policy '{name}': '{bits}' is no number of bits, such as {Prefix}-3.5");
    }

    /// <summary>The controller that a name stands for, and the bits that it wants; null for none.</summary>
    public static (string Key, string? Bits) Split(string name, IEnumerable<string> controllers)
    {
        int dash = controllers.Contains(name) ? -1 : name.LastIndexOf('-');
        return dash < 0 ? (name, null) : (name[..dash], name[(dash + 1)..]);
    }

    public override KvTier Choose(int position) => Controller.Tiers[^1].Tier;

    public override KvTier Choose(TokenView token) => Controller.Tiers[Controller.Choose(token.Saliency, Price)].Tier;

    private static double PriceOf(string name, double target, Controller controller)
    {
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
