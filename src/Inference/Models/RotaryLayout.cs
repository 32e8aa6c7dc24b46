namespace AdaptiveKv.Inference.Models;

/// <summary>Which dimensions of a head form a rotary pair.</summary>
public enum RotaryLayout
{
    /// <summary>Pairs (2i, 2i+1): GGUF files of Llama architecture.</summary>
    Interleaved,

    /// <summary>Pairs (i, i + d/2): Hugging Face checkpoints.</summary>
    Halves,
}
