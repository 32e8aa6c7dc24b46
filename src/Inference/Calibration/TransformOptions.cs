namespace AdaptiveKv.Inference.Calibration;

/// <summary>Parts of the calibrated transform; the ablation switches them one by one.</summary>
/// <param name="Center">mu: keys are stored relative to their mean.</param>
/// <param name="Balance">D: channels share the burden between keys and queries.</param>
/// <param name="Rotate">H: a Hadamard rotation spreads what is left of large channels.</param>
/// <param name="BalanceValues">Dv: the same for values and the columns of the output matrix that read them.</param>
public sealed record TransformOptions(bool Center = true, bool Balance = true, bool Rotate = true, bool BalanceValues = false);
