using static TorchSharp.torch;

namespace AdaptiveKv.Collection.Teacher;

/// <summary>What a layer made of a text.</summary>
/// <param name="Output">[tokens, hidden].</param>
/// <param name="Keys">[KV heads, tokens, HeadDim], after rotary embedding, without gradients.</param>
/// <param name="Values">[KV heads, tokens, HeadDim], without gradients.</param>
internal sealed record LayerPass(Tensor Output, Tensor Keys, Tensor Values);
