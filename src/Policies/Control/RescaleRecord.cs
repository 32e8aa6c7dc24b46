namespace AdaptiveKv.Policies.Control;

/// <summary>How a controller was fitted to another model's tokens after its training.</summary>
/// <param name="ControllerSha256">The controller's file before.</param>
/// <param name="TokensSha256">The tokens' segments, one after the other.</param>
/// <param name="ModelSha256">The model they were collected with; empty where they do not say.</param>
/// <param name="Tokens">Tokens the budget curve was measured on.</param>
/// <param name="Features">Whether the features' scaling is that of these tokens, too.</param>
/// <param name="Rarity">Whether the rarity table is that model's.</param>
public sealed record RescaleRecord(string ControllerSha256, string TokensSha256, string ModelSha256, int Tokens, bool Features, bool Rarity);
