namespace AdaptiveKv.Inference;

/// <summary>Files and sizes of a session.</summary>
public sealed record OpenOptions
{
    /// <summary>File of the controller (safetensors) that a policy "learned" asks; null for that which ships for the model, if any.</summary>
    public string? Controller { get; init; }

    /// <summary>File of a calibrated transform (safetensors), in whose space keys and values are coded; null for that which ships with the controller, or else the Hadamard transform, which needs none.</summary>
    public string? Transform { get; init; }

    /// <summary>How tokens are coded, where it is not the best code there is with <see cref="Transform"/>, which is null then.</summary>
    public CodeSetup? Code { get; init; }

    /// <summary>Most tokens of a sequence, prompt and continuation together; null for the model's context.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Most bytes the cache takes at any time: a controller's choices follow the bytes left. Needs the policy "learned", perhaps modified; null for as many as the policy takes.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Tokens that are read first, where they are known: within <see cref="MaxBytes"/>, fewer are read in larger batches. Null for all.</summary>
    public int? PromptTokens { get; init; }

    /// <summary>Threads, the caller included; null for one for each physical processor.</summary>
    public int? Threads { get; init; }
}
