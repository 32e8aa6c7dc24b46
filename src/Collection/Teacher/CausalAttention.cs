using AdaptiveKv.Inference.Models;
using TorchSharp;
using static AdaptiveKv.Torch.TorchNumbers;
using static TorchSharp.torch;

namespace AdaptiveKv.Collection.Teacher;

/// <summary>The attention of a layer over a whole text, every token over itself and those before it (Vaswani et al. 2017), query heads in groups that share keys and values (Ainslie et al. 2023).</summary>
/// <param name="shape">Of the model.</param>
internal sealed class CausalAttention(LlamaShape shape)
{
    private static readonly Scalar Zero = 0f.ToScalar();
    private static readonly Scalar Never = float.NegativeInfinity.ToScalar();

    private readonly Scalar scale = (1f / MathF.Sqrt(shape.HeadDim)).ToScalar();

    /// <summary>Blocks of scores come and go inside libtorch, so that memory grows with the text's length and not with its square.</summary>
    /// <param name="queries">[KV heads, group, tokens, HeadDim], after rotary embedding.</param>
    /// <param name="keys">[KV heads, tokens, HeadDim], after rotary embedding.</param>
    /// <param name="values">[KV heads, tokens, HeadDim].</param>
    /// <returns>[KV heads, group, tokens, HeadDim].</returns>
    public static Tensor Of(Tensor queries, Tensor keys, Tensor values) =>
        nn.functional.scaled_dot_product_attention(queries, keys.unsqueeze(1).expand_as(queries), values.unsqueeze(1).expand_as(queries), is_casual: true);

    /// <summary>The same where tokens see other keys and values of those before them than those see of themselves: by definition, for <see cref="Later"/> to be held against.</summary>
    /// <param name="queries">As above.</param>
    /// <param name="keys">As above.</param>
    /// <param name="values">As above.</param>
    /// <param name="shift">What is added for later tokens.</param>
    /// <param name="frame">Of the text.</param>
    public Tensor Shifted(Tensor queries, Tensor keys, Tensor values, KvShift shift, TextFrame frame)
    {
        Tensor itself = frame.Future.logical_not().triu();
        Tensor scores = Scores(queries, keys.add(shift.Keys, One));
        Tensor attention = where(itself, Own(queries, keys), scores).masked_fill(frame.Future, Never).softmax(-1);
        Tensor others = attention.masked_fill(itself, Zero).matmul(values.add(shift.Values, One).unsqueeze(1));
        return others.add(attention.diagonal(0, 2, 3).unsqueeze(3) * values.unsqueeze(1), One);
    }

    /// <summary>Gradients with respect to what later tokens see of keys and values: those of the whole less what tokens see of themselves.</summary>
    /// <remarks>With scores s, weights a = softmax(s), o = sum a v and g the gradient of o, that of a token's own score is a g.(v - o).</remarks>
    /// <param name="pass">Of the layer.</param>
    /// <param name="itself">Of <see cref="Itself"/>.</param>
    /// <param name="all">Gradients with respect to the pass's keys and values.</param>
    /// <param name="attended">Gradient with respect to what was attended.</param>
    public KvShift Later(LayerPass pass, Tensor itself, KvShift all, Tensor attended)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor score = itself * (attended * (pass.Values.unsqueeze(1) - pass.Attended)).sum(-1, keepdim: true);
        Tensor keys = all.Keys - (score * pass.Queries).sum(1).mul(scale), values = all.Values - (itself * attended).sum(1);
        Nothing(keys);
        Nothing(values);
        return new KvShift(keys.MoveToOuterDisposeScope(), values.MoveToOuterDisposeScope());

        // Nobody sees the last token but itself: what is left there is of rounding.
        static void Nothing(Tensor gradient) => gradient.narrow(1, gradient.shape[1] - 1, 1).zero_();
    }

    /// <summary>The weight that every token gives itself: [KV heads, group, tokens, 1].</summary>
    public Tensor Itself(Tensor queries, Tensor keys, TextFrame frame)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] heads = [.. Enumerable.Range(0, shape.KvHeads).Select(head => Sum(queries.narrow(0, head, 1), keys.narrow(0, head, 1)))];
        return (Own(queries, keys) - cat(heads, 0)).exp().MoveToOuterDisposeScope();

        // ln of the sum of the exponentials; a KV head's scores are held at a time.
        Tensor Sum(Tensor query, Tensor key)
        {
            using DisposeScope own = NewDisposeScope();
            return Scores(query, key).masked_fill_(frame.Future, Never).logsumexp(-1, keepdim: true).MoveToOuterDisposeScope();
        }
    }

    private Tensor Scores(Tensor queries, Tensor keys) => queries.matmul(keys.transpose(1, 2).unsqueeze(1)).mul(scale);

    private Tensor Own(Tensor queries, Tensor keys) => (queries * keys.unsqueeze(1)).sum(-1, keepdim: true).mul(scale);
}
