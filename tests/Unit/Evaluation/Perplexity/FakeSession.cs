using AdaptiveKv.Evaluation.Perplexity;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.KvCache;

namespace AdaptiveKv.Unit.Evaluation.Perplexity;

/// <summary>Predicts by a rule instead of a model: the logits depend on the last token, its position and the policy's error.</summary>
internal sealed class FakeSession(int vocabulary, KvTier tier, float error) : LogitsSession
{
    private int position;

    /// <summary>What was asked of the session, in order: "reset", "read 64", "read 10 silently".</summary>
    public List<string> Calls { get; } = [];

    public static float[] Logits(int vocabulary, int token, int position, float error) =>
        [.. Enumerable.Range(0, vocabulary).Select(id => MathF.Sin((3 * id) + token + (0.1f * position)) + (error * MathF.Cos((7 * id) + position)))];

    public override void Reset()
    {
        Calls.Add("reset");
        position = 0;
    }

    public override void Advance(ReadOnlySpan<int> tokens, LogitsVisitor? visit)
    {
        Calls.Add($"read {tokens.Length}{(visit is null ? " silently" : "")}");
        for (int row = 0; row < tokens.Length; row++)
        {
            visit?.Invoke(row, Logits(vocabulary, tokens[row], position, error));
            position++;
        }
    }

    /// <summary>8 bytes and 16 elements per token: 4 bits, and 16 bytes that are always allocated.</summary>
    public override CacheStatistics Statistics() => new(position, 0, (8 * position) + 16, (8 * position) + 16, 16, [new TierStatistics(tier, position, (8 * position) + 16, 8 * position)]);

    public override void Dispose() => Calls.Add("dispose");
}
