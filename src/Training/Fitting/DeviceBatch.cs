using TorchSharp;

namespace AdaptiveKv.Training.Fitting;

/// <summary>Rows on a device.</summary>
/// <param name="Inputs">[runs, rows, features].</param>
/// <param name="Labels">[runs, rows, tiers]: the label's weight at its tier, else 0.</param>
/// <param name="Losses">[runs, rows, tiers].</param>
internal sealed record DeviceBatch(torch.Tensor Inputs, torch.Tensor Labels, torch.Tensor Losses);
