using AdaptiveKv.Evaluation.Provenance;

namespace AdaptiveKv.Evaluation.Perplexity;

/// <summary>A perplexity measurement with everything needed to judge and repeat it; what <c>--json</c> prints.</summary>
/// <param name="Run">Versions, hashes, mode, machine.</param>
/// <param name="Reference">The policy that divergences are taken from; null for none.</param>
/// <param name="TokensInText">Tokens of the whole text.</param>
/// <param name="TokensScored">Tokens scored under every policy.</param>
/// <param name="WindowLength">Tokens read per window.</param>
/// <param name="Stride">Tokens from one window's start to the next one's.</param>
/// <param name="ChunkLength">Tokens read at a time; in prefill mode they see each other at 16 bits.</param>
/// <param name="WindowsInText">Whole windows that the text has.</param>
/// <param name="WindowsWanted">Windows asked for, from the start of the text.</param>
/// <param name="WindowsDone">Windows read to their end; fewer than wanted after a cancellation.</param>
/// <param name="Seconds">Wall time of the run.</param>
/// <param name="PeakRssBytes">Most physical memory the process held.</param>
/// <param name="Policies">One row per policy.</param>
public sealed record PerplexityReport(
    RunRecord Run,
    string? Reference,
    int TokensInText,
    int TokensScored,
    int WindowLength,
    int Stride,
    int ChunkLength,
    int WindowsInText,
    int WindowsWanted,
    int WindowsDone,
    double Seconds,
    long PeakRssBytes,
    IReadOnlyList<PerplexitySummary> Policies);
