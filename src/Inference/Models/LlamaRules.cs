using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models;

/// <summary>The rules hyper-parameters obey, whatever file they come from; checked before anything is computed from them.</summary>
internal static class LlamaRules
{
    /// <summary>Refuses hyper-parameters that contradict themselves or would overflow.</summary>
    /// <param name="path">The model, for errors.</param>
    /// <param name="shape">What the file states.</param>
    /// <returns><paramref name="shape"/>.</returns>
    public static LlamaShape Check(string path, LlamaShape shape)
    {
        Require(shape.Layers > 0, "number of layers", shape.Layers, "at least 1");
        Require(shape.Hidden > 0, "embedding length", shape.Hidden, "at least 1");
        Require(shape.FeedForward > 0, "feed-forward length", shape.FeedForward, "at least 1");
        Require(shape.Heads > 0, "number of heads", shape.Heads, "at least 1");
        Require(shape.KvHeads > 0, "number of KV heads", shape.KvHeads, "at least 1");
        Require(shape.Heads % shape.KvHeads == 0, "number of KV heads", shape.KvHeads, $"a divisor of the {shape.Heads} query heads");
        Require(
            shape.HeadDim > 0 && shape.HeadDim % 2 == 0,
            "head dimension",
            shape.HeadDim,
            "even and at least 2: rotary embedding turns pairs");
        Require(
            (long)shape.Heads * shape.HeadDim <= int.MaxValue,
            "number of heads",
            shape.Heads,
            $"small enough for heads x head dimension < 2^31");
        Require(shape.Vocabulary > 0, "vocabulary", shape.Vocabulary, "at least 1");
        Require(shape.ContextLength > 0, "context length", shape.ContextLength, "at least 1");
        Require(float.IsFinite(shape.RopeBase) && shape.RopeBase > 0, "rotary base", shape.RopeBase, "finite and positive");
        Require(
            float.IsFinite(shape.RmsEpsilon) && shape.RmsEpsilon is > 0 and < 1, "RMSNorm epsilon", shape.RmsEpsilon, "between 0 and 1");
        return shape;

        void Require<T>(bool holds, string field, T value, string rule)
        {
            if (!holds)
            {
                throw new ModelFormatException(path, field, -1, $"is {value}; it must be {rule}");
            }
        }
    }

    /// <summary>Elements per head where a file does not state them.</summary>
    public static int HeadDim(string path, int hidden, int heads) =>
        heads > 0 && hidden % heads == 0
            ? hidden / heads
            : throw new ModelFormatException(path, "head dimension", -1, $"{heads} heads do not divide the embedding length {hidden}");
}
