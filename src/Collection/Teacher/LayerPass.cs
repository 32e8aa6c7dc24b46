using static TorchSharp.torch;

namespace AdaptiveKv.Collection.Teacher;

/// <summary>What a layer made of a text; where gradients are wanted, all are parts of what they can be asked for.</summary>
/// <param name="Output">[tokens, hidden].</param>
/// <param name="Queries">[KV heads, group, tokens, HeadDim], after rotary embedding.</param>
/// <param name="Keys">[KV heads, tokens, HeadDim], after rotary embedding.</param>
/// <param name="Values">[KV heads, tokens, HeadDim].</param>
/// <param name="Attended">[KV heads, group, tokens, HeadDim].</param>
internal sealed record LayerPass(Tensor Output, Tensor Queries, Tensor Keys, Tensor Values, Tensor Attended);
