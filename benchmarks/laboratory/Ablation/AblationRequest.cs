namespace AdaptiveKv.Laboratory.Ablation;

/// <summary>What <c>laboratory ablation</c> was asked for.</summary>
/// <param name="Model">A .gguf file or a Hugging Face folder.</param>
/// <param name="Text">The measured text.</param>
/// <param name="Plan">What is measured.</param>
/// <param name="Calibration">Another text to calibrate on; null for the measured one, outside the measured windows.</param>
/// <param name="CalibrationTokens">Tokens to calibrate on.</param>
/// <param name="CalibrationWindow">Most of them read from an empty cache.</param>
/// <param name="Seed">Seed of the choice of calibration windows.</param>
/// <param name="Threads">Threads of the engine; null for what suits the model and the machine.</param>
internal sealed record AblationRequest(
    string Model, string Text, AblationPlan Plan, string? Calibration, int CalibrationTokens, int CalibrationWindow, ulong Seed, int? Threads);
