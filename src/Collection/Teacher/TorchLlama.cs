using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Torch;
using TorchSharp;
using static AdaptiveKv.Torch.TorchNumbers;
using static TorchSharp.torch;

namespace AdaptiveKv.Collection.Teacher;

/// <summary>
/// A Llama decoder in float on libtorch, with gradients: written from its definition (Touvron et al. 2023) and apart from the engine, so that each is a reference for the other.
/// Tensors that a method returns belong to the caller's dispose scope.
/// </summary>
internal sealed class TorchLlama : IDisposable
{
    private static readonly long[] Last = [-1];

    private readonly TeacherWeights weights;
    private readonly Scalar epsilon;

    /// <summary>Reads a model.</summary>
    /// <param name="source">Is not needed afterwards.</param>
    /// <param name="device">Where it is kept and computed.</param>
    public TorchLlama(ModelSource source, Device device)
    {
        (Shape, Device) = (source.Shape, device);
        weights = new TeacherWeights(source, device);
        epsilon = Shape.RmsEpsilon.ToScalar();
        Attention = new CausalAttention(Shape);
    }

    /// <summary>Reads a model's file.</summary>
    /// <exception cref="FileNotFoundException">There is no such device.</exception>
    public static TorchLlama Open(string path, TorchDevice device)
    {
        using ModelSource source = ModelFormats.Open(path);
        return new TorchLlama(source, device.Open());
    }

    /// <summary>Hyper-parameters.</summary>
    public LlamaShape Shape { get; }

    /// <summary>Where it is computed.</summary>
    public Device Device { get; }

    /// <summary>Whether that is the processor, on one thread.</summary>
    public bool IsOnCpu => Device.type == DeviceType.CPU;

    /// <summary>Of its layers.</summary>
    public CausalAttention Attention { get; }

    /// <summary>[vocabulary, hidden]: a normalized state times its transpose gives logits.</summary>
    public Tensor Output => weights.Output;

    /// <summary>[tokens, hidden].</summary>
    public Tensor Embed(ReadOnlySpan<int> tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        return weights.Embedding.index_select(0, tensor(tokens.ToArray(), device: Device)).MoveToOuterDisposeScope();
    }

    /// <summary>A transformer block over a whole text.</summary>
    /// <param name="layer">Which.</param>
    /// <param name="input">[tokens, hidden].</param>
    /// <param name="frame">Of the text.</param>
    /// <param name="shift">Added to keys and values; null for nothing.</param>
    public LayerPass Block(int layer, Tensor input, TextFrame frame, KvShift? shift = null)
    {
        using DisposeScope scope = NewDisposeScope();
        (long tokens, long heads, long group, long width) = (input.shape[0], Shape.KvHeads, Shape.Heads / Shape.KvHeads, Shape.HeadDim);
        Tensor normed = Norm(input, weights[layer, "attn_norm"]);
        Tensor queries = Turn(Heads("attn_q", Shape.Heads), frame).view(heads, group, tokens, width);
        Tensor keys = Turn(Heads("attn_k", heads), frame), values = Heads("attn_v", heads);
        Tensor attended = shift is null ? CausalAttention.Of(queries, keys, values) : Attention.Shifted(queries, keys, values, shift, frame);

        Tensor middle = input.add(Linear(attended.permute(2, 0, 1, 3).reshape(tokens, heads * group * width), "attn_output"), One);
        Tensor inner = Norm(middle, weights[layer, "ffn_norm"]);
        Tensor output = middle.add(Linear(nn.functional.silu(Linear(inner, "ffn_gate")) * Linear(inner, "ffn_up"), "ffn_down"), One);
        foreach (Tensor part in (Tensor[])[output, queries, keys, values, attended])
        {
            part.MoveToOuterDisposeScope();
        }

        return new LayerPass(output, queries, keys, values, attended);

        Tensor Linear(Tensor x, string part) => nn.functional.linear(x, weights[layer, part]);

        Tensor Heads(string part, long count) => Linear(normed, part).view(tokens, count, width).transpose(0, 1);
    }

    /// <summary>The last norm.</summary>
    /// <param name="state">[tokens, hidden], behind the last block.</param>
    public Tensor Normalized(Tensor state)
    {
        using DisposeScope scope = NewDisposeScope();
        return Norm(state, weights.OutputNorm).MoveToOuterDisposeScope();
    }

    /// <summary>Logits after every token of a text: [tokens, vocabulary], without gradients.</summary>
    /// <param name="tokens">At least one.</param>
    /// <param name="shift">What is added to the keys and values of a layer; null for nothing anywhere.</param>
    public Tensor Logits(ReadOnlySpan<int> tokens, Func<int, KvShift?>? shift = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable ungraded = no_grad();
        using TextFrame frame = new(Shape, tokens.Length, Device);
        Tensor state = Embed(tokens);
        for (int layer = 0; layer < Shape.Layers; layer++)
        {
            state = Block(layer, state, frame, shift?.Invoke(layer)).Output;
        }

        return Normalized(state).matmul(Output.t()).MoveToOuterDisposeScope();
    }

    public void Dispose() => weights.Dispose();

    // Root-mean-square normalization (Zhang and Sennrich 2019).
    private Tensor Norm(Tensor x, Tensor weight) => x * (x * x).mean(Last, true).add(epsilon).rsqrt() * weight;

    // [heads, tokens, HeadDim].
    private Tensor Turn(Tensor x, TextFrame frame)
    {
        if (Shape.RotaryLayout == RotaryLayout.Halves)
        {
            long half = Shape.HeadDim / 2;
            (Tensor first, Tensor second) = Turn(x.narrow(2, 0, half), x.narrow(2, half, half), frame);
            return cat([first, second], 2);
        }

        Tensor pairs = x.unflatten(2, [Shape.HeadDim / 2, 2]);
        (Tensor even, Tensor odd) = Turn(pairs.select(3, 0), pairs.select(3, 1), frame);
        return stack([even, odd], 3).flatten(2);
    }

    private static (Tensor First, Tensor Second) Turn(Tensor first, Tensor second, TextFrame frame) =>
        ((first * frame.Cosines) - (second * frame.Sines), (second * frame.Cosines).add(first * frame.Sines, One));
}
