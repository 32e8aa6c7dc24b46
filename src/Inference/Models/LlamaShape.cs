namespace AdaptiveKv.Inference.Models;

/// <summary>Hyper-parameters of a Llama-architecture decoder, checked before any arithmetic uses them.</summary>
/// <param name="Layers">Number of transformer blocks.</param>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="FeedForward">Inner width of SwiGLU.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key/value heads; divides <paramref name="Heads"/>.</param>
/// <param name="HeadDim">Elements per head.</param>
/// <param name="Vocabulary">Number of token ids.</param>
/// <param name="ContextLength">Positions the model was trained for.</param>
/// <param name="RopeBase">Base of the rotary frequencies (theta).</param>
/// <param name="RmsEpsilon">Epsilon of RMSNorm.</param>
/// <param name="RotaryLayout">Pairing of dimensions in rotary embedding.</param>
/// <param name="TiedOutput">Whether the output matrix is the embedding matrix.</param>
public sealed record LlamaShape(
    int Layers,
    int Hidden,
    int FeedForward,
    int Heads,
    int KvHeads,
    int HeadDim,
    int Vocabulary,
    int ContextLength,
    float RopeBase,
    float RmsEpsilon,
    RotaryLayout RotaryLayout,
    bool TiedOutput);
