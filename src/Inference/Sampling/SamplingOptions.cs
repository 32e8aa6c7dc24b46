namespace AdaptiveKv.Inference.Sampling;

/// <summary>
/// How the next token is chosen. A penalty changes the logits first; the cuts are taken on the probabilities then: top-k, top-p of what is left, min-p; last comes the
/// temperature (llama.cpp's order).
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>Newest tokens, of prompt and text, that <see cref="RepetitionPenalty"/> looks at.</summary>
    public const int RepetitionWindow = 64;

    /// <summary>Divisor of the logits, finite, at least 0; 0 takes the likeliest token.</summary>
    public double Temperature { get; init; }

    /// <summary>Only the k likeliest tokens; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the likeliest tokens that together reach this probability, over 0 and at most 1; 1 for all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Only tokens that have this share of the likeliest one's probability, 0 to 1; 0 for all (Nguyen et al. 2024).</summary>
    public double MinP { get; init; }

    /// <summary>
    /// Divisor of the logits above 0, and factor of those below, of the tokens among the last <see cref="RepetitionWindow"/>, over 0; 1 changes nothing, more makes repetition
    /// rarer (Keskar et al. 2019).
    /// </summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Seed of the random numbers: the same seed gives the same text.</summary>
    public ulong Seed { get; init; }

    /// <summary>What is wrong with the values, one line each; empty where they are valid.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        if (!double.IsFinite(Temperature) || Temperature < 0)
        {
            faults.Add($"temperature {Temperature}: expected a finite number, at least 0 (0 takes the likeliest token)");
        }

        if (TopK < 0)
        {
            faults.Add($"top-k {TopK}: expected at least 0 (0 keeps all tokens)");
        }

        if (!(TopP > 0 && TopP <= 1))
        {
            faults.Add($"top-p {TopP}: expected over 0 and at most 1 (1 keeps all tokens)");
        }

        if (!(MinP >= 0 && MinP <= 1))
        {
            faults.Add($"min-p {MinP}: expected 0 to 1 (0 keeps all tokens)");
        }

        if (!double.IsFinite(RepetitionPenalty) || RepetitionPenalty <= 0)
        {
            faults.Add($"repetition penalty {RepetitionPenalty}: expected a finite number over 0 (1 changes nothing)");
        }

        return faults;
    }
}
