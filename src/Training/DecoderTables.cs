using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Training;

/// <summary>What a decoder needs beside a controller's network to know some of its features; null where a stage was not given it.</summary>
/// <param name="Rarity">Of the tokens.</param>
/// <param name="Probe">Of hidden states.</param>
internal sealed record DecoderTables(RarityTable? Rarity, HiddenProbe? Probe)
{
    /// <summary>Reads the deps rarity and probe, and says which feature a decoder will not know for want of one.</summary>
    /// <param name="context">The stage's.</param>
    /// <param name="features">Of the controller.</param>
    /// <param name="own">The controller's own probe, where it still holds.</param>
    /// <exception cref="Files.ModelFormatException">One is malformed, or from a newer version.</exception>
    public static DecoderTables Read(StageContext context, IReadOnlyCollection<SaliencyFeature> features, HiddenProbe? own = null)
    {
        DecoderTables tables = new(
            context.Find("rarity") is { } rarity ? RarityTable.Read(rarity) : null,
            context.Find("probe") is { } probe ? ControllerFile.ReadProbe(probe) : own);
        if (tables.Rarity is null && features.Contains(SaliencyFeature.Rarity))
        {
            context.Reporter.Note("no dep rarity: a decoder will not know the rarity of its tokens, and take the mean for it");
        }

        if (tables.Probe is null && features.Contains(SaliencyFeature.Probe))
        {
            context.Reporter.Note("no dep probe: a decoder will not know what it says of its tokens, and take the mean for it");
        }

        return tables;
    }
}
