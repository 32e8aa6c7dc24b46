namespace AdaptiveKv.Inference.Sampling;

/// <summary>
/// How the next token is chosen. The cuts are taken on the model's own probabilities: top-k, then top-p of what is left, then the
/// temperature (llama.cpp's order).
/// </summary>
public sealed record SamplingOptions
{
    /// <summary>Divisor of the logits, finite, at least 0; 0 takes the likeliest token.</summary>
    public double Temperature { get; init; }

    /// <summary>Only the k likeliest tokens; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the likeliest tokens that together reach this probability, over 0 and at most 1; 1 for all.</summary>
    public double TopP { get; init; } = 1;

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

        return faults;
    }
}
