using AdaptiveKv.Inference.Models;
using static TorchSharp.torch;

namespace AdaptiveKv.Collection.Teacher;

/// <summary>What is added to a layer's keys and values as later tokens see them; a token sees its own as they are, for it reads them before they are coded.</summary>
/// <param name="Keys">[KV heads, tokens, HeadDim].</param>
/// <param name="Values">[KV heads, tokens, HeadDim].</param>
internal sealed record KvShift(Tensor Keys, Tensor Values)
{
    /// <summary>Nothing is added, and gradients with respect to it can be asked for.</summary>
    public static KvShift Leaves(LlamaShape shape, int tokens, Device device)
    {
        Tensor Leaf() => zeros(shape.KvHeads, tokens, shape.HeadDim, device: device, requires_grad: true);
        return new KvShift(Leaf(), Leaf());
    }
}
