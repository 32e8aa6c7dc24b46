using AdaptiveKv.Evaluation.Provenance;

namespace AdaptiveKv.Laboratory.Ablation;

/// <summary>An ablation with everything needed to judge and repeat it.</summary>
/// <param name="Run">Versions, hashes, machine; its mode is that of the rows by code.</param>
/// <param name="CalibrationText">File name of the text that transforms were fitted on; where it is the measured one, windows outside of those measured.</param>
/// <param name="CalibrationTextSha256">SHA-256 of it.</param>
/// <param name="CalibrationTokens">Tokens read from it.</param>
/// <param name="CalibrationWindow">Most tokens of it that were read from an empty cache.</param>
/// <param name="Seed">Seed of the choice of calibration windows.</param>
/// <param name="WindowLength">Tokens per window.</param>
/// <param name="Windows">Windows from the start of the text.</param>
/// <param name="LongWindow">Tokens of the window that was decoded token by token; 0 for none.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="Best">Name of the code of the variants and of the long window.</param>
/// <param name="Codes">One row per code and tier.</param>
/// <param name="Positions">Rows of the long window.</param>
internal sealed record AblationReport(
    RunRecord Run,
    string CalibrationText,
    string CalibrationTextSha256,
    int CalibrationTokens,
    int CalibrationWindow,
    ulong Seed,
    int WindowLength,
    int Windows,
    int LongWindow,
    double Seconds,
    string Best,
    IReadOnlyList<AblationRow> Codes,
    IReadOnlyList<AblationRow> Positions);
