using System.Numerics.Tensors;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Decoding;

namespace AdaptiveKv.Inference.Sampling;

/// <summary>Chooses next tokens, greedily or at random. Allocates nothing per token; one per generation and thread.</summary>
internal sealed class Sampler
{
    private const int BlockLength = 1024;

    private readonly SamplingOptions options;
    private readonly CounterRandom numbers;
    private readonly float[] weights;
    private readonly TokenCandidates? candidates;
    private readonly RepetitionPenalty? penalty;
    private ulong drawn;

    /// <summary>Prepares scratch memory.</summary>
    /// <param name="options">How to choose.</param>
    /// <param name="vocabulary">Number of token ids, the length of every row of logits.</param>
    /// <exception cref="ArgumentException">Options are invalid; the message names all faults.</exception>
    public Sampler(SamplingOptions options, int vocabulary)
    {
        IReadOnlyList<string> faults = options.Faults();
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", faults));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(vocabulary, 1);
        this.options = options;
        numbers = new CounterRandom(options.Seed);
        weights = new float[vocabulary];
        bool cuts = options.Temperature > 0 && ((options.TopK > 0 && options.TopK < vocabulary) || options.TopP < 1 || options.MinP > 0);
        candidates = cuts ? new TokenCandidates(vocabulary, options.TopK, options.TopP, options.MinP) : null;
        penalty = options.RepetitionPenalty == 1 ? null : new RepetitionPenalty(options.RepetitionPenalty, vocabulary);
    }

    /// <summary>Hears of tokens that a penalty looks at: those of the prompt; those that are chosen are known.</summary>
    public void Hear(ReadOnlySpan<int> tokens) => penalty?.Hear(tokens);

    /// <summary>Chooses a token, and measures the model's distribution.</summary>
    /// <param name="logits">One per token id.</param>
    /// <param name="statistics">The distribution before penalty, temperature and cuts.</param>
    /// <returns>A token id; at temperature 0 the likeliest, the lowest id of equals.</returns>
    /// <exception cref="ArgumentException">The row's length is not the vocabulary's.</exception>
    /// <exception cref="ArithmeticException">A logit is NaN or +infinity, or all are -infinity.</exception>
    public int Next(ReadOnlySpan<float> logits, out NextTokenStatistics statistics)
    {
        statistics = NextTokenStatistics.Of(logits);
        return Next(logits, statistics);
    }

    /// <summary>Chooses a token from a distribution that was measured before, by <see cref="Session.Decode(int)"/> for one.</summary>
    /// <param name="logits">One per token id.</param>
    /// <param name="statistics">What <see cref="NextTokenStatistics.Of(ReadOnlySpan{float})"/> says of them.</param>
    /// <returns>As above.</returns>
    /// <exception cref="ArgumentException">The row's length is not the vocabulary's.</exception>
    public int Next(ReadOnlySpan<float> logits, NextTokenStatistics statistics)
    {
        if (logits.Length != weights.Length)
        {
            throw new ArgumentException($"{logits.Length} logits; the vocabulary has {weights.Length} tokens", nameof(logits));
        }

        if (penalty is null)
        {
            return Choose(logits, statistics);
        }

        ReadOnlySpan<float> changed = penalty.Of(logits);
        int chosen = Choose(changed, NextTokenStatistics.Of(changed));
        penalty.Hear([chosen]);
        return chosen;
    }

    private int Choose(ReadOnlySpan<float> logits, NextTokenStatistics statistics)
    {
        if (options.Temperature == 0)
        {
            return statistics.TopToken;
        }

        Exponentials.Sums(logits, logits[statistics.TopToken], scale: 1, weights);
        double random = numbers.Uniform(drawn++);
        if (candidates is not null)
        {
            candidates.Gather(weights, 1 / statistics.TopProbability);
            return DrawCandidate(candidates, logits, statistics.TopToken, random);
        }

        return DrawAny(random * Mass(logits, statistics), statistics.TopToken);
    }

    /// <summary>Sum of <see cref="weights"/>, which take the temperature first.</summary>
    private double Mass(ReadOnlySpan<float> logits, NextTokenStatistics statistics)
    {
        if (options.Temperature == 1)
        {
            return 1 / statistics.TopProbability;
        }

        // The bounds keep 0 * infinity, a NaN, away; the distribution is uniform or greedy far inside of them.
        float scale = (float)Math.Clamp(1 / options.Temperature, 1e-30, 1e30);
        return Exponentials.Sums(logits, logits[statistics.TopToken], scale, weights).Sum;
    }

    private int DrawCandidate(TokenCandidates candidates, ReadOnlySpan<float> logits, int top, double random)
    {
        double mass = 0;
        for (int rank = 0; rank < candidates.Count; rank++)
        {
            mass += Weight(rank, logits);
        }

        double target = random * mass, passed = 0;
        for (int rank = 0; rank < candidates.Count; rank++)
        {
            passed += Weight(rank, logits);
            if (passed > target)
            {
                return candidates.Token(rank);
            }
        }

        return top;

        double Weight(int rank, ReadOnlySpan<float> logits)
        {
            int token = candidates.Token(rank);
            return options.Temperature == 1
                ? weights[token]
                : Math.Exp(((double)logits[token] - logits[top]) / options.Temperature);
        }
    }

    /// <summary>The first token at which the running sum of the weights passes the target; blocks are skipped by their sums.</summary>
    private int DrawAny(double target, int top)
    {
        double passed = 0;
        for (int start = 0; start < weights.Length; start += BlockLength)
        {
            double next = passed + TensorPrimitives.Sum(Block(start));
            if (next <= target)
            {
                passed = next;
                continue;
            }

            for (int token = start; token < Math.Min(start + BlockLength, weights.Length); token++)
            {
                passed += weights[token];
                if (passed > target)
                {
                    return token;
                }
            }
        }

        // Rounding: the target lies between sums of the same weights in different orders.
        return top;
    }

    private ReadOnlySpan<float> Block(int start) => weights.AsSpan(start, Math.Min(BlockLength, weights.Length - start));
}
