namespace AdaptiveKv.Training.Datasets;

/// <summary>A token that can be labelled.</summary>
/// <param name="Item">The item it belongs to.</param>
/// <param name="Position">0-based position.</param>
/// <param name="Features">Raw; NaN where one is unknown.</param>
/// <param name="Losses">What each tier loses of quality.</param>
/// <param name="Label">Place of its tier; -1 while it has none.</param>
internal sealed record TokenRow(string Item, int Position, float[] Features, float[] Losses, int Label);
