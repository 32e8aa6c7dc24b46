using static TorchSharp.torch;

namespace AdaptiveKv.Collection.Teacher;

/// <summary>What is added to a layer's keys and values as later tokens see them, or a gradient with respect to it; a token sees its own as they are, for it reads them before they are coded.</summary>
/// <param name="Keys">[KV heads, tokens, HeadDim].</param>
/// <param name="Values">[KV heads, tokens, HeadDim].</param>
internal sealed record KvShift(Tensor Keys, Tensor Values);
