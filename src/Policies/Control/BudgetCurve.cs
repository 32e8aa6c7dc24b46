namespace AdaptiveKv.Policies.Control;

/// <summary>
/// What a price per bit leads to: mean effective bits of a controller's choices, measured on a set of tokens. The more a bit costs, the fewer
/// are bought.
/// </summary>
public sealed class BudgetCurve
{
    private const int Points = 64;

    // Between a price at which a token changes its tier and one at which nothing does.
    private const double Margin = 1e-6;

    // Where steps in shares begin when the fewest bits are none.
    private const double LeastBits = 0.25;

    /// <summary>A curve of known points.</summary>
    /// <param name="prices">Rising, two at least.</param>
    /// <param name="bits">Mean effective bits at each price, falling.</param>
    /// <exception cref="ArgumentException">They are no such lists.</exception>
    public BudgetCurve(IReadOnlyList<double> prices, IReadOnlyList<double> bits)
    {
        bool falling = bits.Zip(bits.Skip(1)).All(pair => pair.First > pair.Second);
        bool rising = prices.Zip(prices.Skip(1)).All(pair => pair.First < pair.Second);
        if (prices.Count != bits.Count || prices.Count < 2 || !rising || !falling || !prices.Concat(bits).All(double.IsFinite))
        {
            throw new ArgumentException("a budget curve has two points at least, with rising prices and falling bits");
        }

        // Beyond its ends a budget goes on with its mean slope, and logits are single precision.
        double slope = (prices[^1] - prices[0]) / (bits[0] - bits[^1]);
        if (!prices.Append(slope).All(number => Math.Abs(number) <= float.MaxValue))
        {
            throw new ArgumentException($"a budget curve of prices from {prices[0]} to {prices[^1]} with a slope of {slope}: numbers of single precision are expected");
        }

        (Prices, Bits) = (prices, bits);
    }

    /// <summary>Prices in logits per bit, rising.</summary>
    public IReadOnlyList<double> Prices { get; }

    /// <summary>Mean effective bits at each price, falling.</summary>
    public IReadOnlyList<double> Bits { get; }

    /// <summary>The price that leads to some mean effective bits, between two points by a straight line.</summary>
    /// <exception cref="ArgumentException">No price leads there.</exception>
    public double PriceOf(double targetBits)
    {
        if (!(targetBits >= Bits[^1] && targetBits <= Bits[0]))
        {
            throw new ArgumentException($"{targetBits} bits cannot be reached: this controller's tokens take {Bits[^1]:0.##} to {Bits[0]:0.##} effective bits");
        }

        int next = 1;
        while (Bits[next] > targetBits)
        {
            next++;
        }

        double share = (Bits[next - 1] - targetBits) / (Bits[next - 1] - Bits[next]);
        return Prices[next - 1] + (share * (Prices[next] - Prices[next - 1]));
    }

    /// <summary>Mean effective bits at a price, between two points by a straight line; those of the ends beyond them.</summary>
    public double BitsAt(double price)
    {
        int next = 0;
        while (next < Prices.Count && Prices[next] < price)
        {
            next++;
        }

        if (next == 0 || next == Prices.Count)
        {
            return Bits[Math.Min(next, Prices.Count - 1)];
        }

        double share = (price - Prices[next - 1]) / (Prices[next] - Prices[next - 1]);
        return Bits[next - 1] + (share * (Bits[next] - Bits[next - 1]));
    }

    /// <summary>Measures the curve: each with about 3 % more bits than the last, from all tokens at the most bits to all at the fewest.</summary>
    /// <param name="logits">[tokens][tiers].</param>
    /// <param name="bits">Effective bits of each tier, rising.</param>
    public static BudgetCurve Of(ReadOnlySpan<float> logits, IReadOnlyList<double> bits)
    {
        int tokens = logits.Length / bits.Count;
        var steps = new List<(double Price, double Bits)>(logits.Length);
        for (int token = 0; token < tokens; token++)
        {
            AddSteps(logits.Slice(token * bits.Count, bits.Count), bits, steps);
        }

        // From the highest price down, every step buys bits for one token.
        steps.Sort((a, b) => (b.Price, b.Bits).CompareTo((a.Price, a.Bits)));
        var prices = new List<double> { steps[0].Price + Margin };
        var means = new List<double> { bits[0] };
        double sum = bits[0] * tokens;
        double least = Math.Max(bits[0], LeastBits);
        for (int i = 0; i < steps.Count; i++)
        {
            sum += steps[i].Bits;
            double below = i + 1 < steps.Count ? steps[i + 1].Price : steps[i].Price - (2 * Margin);
            double wanted = least * Math.Pow(bits[^1] / least, prices.Count / (Points - 1.0));
            double price = steps[i].Price + ((below - steps[i].Price) / 2);
            if (price < steps[i].Price && price > below && (sum / tokens >= wanted || i + 1 == steps.Count))
            {
                prices.Add(price);
                means.Add(sum / tokens);
            }
        }

        prices.Reverse();
        means.Reverse();
        return new BudgetCurve(prices, means);
    }

    // As the price falls, a token climbs from the fewest bits over the upper envelope of the lines logit - price * bits.
    private static void AddSteps(ReadOnlySpan<float> logits, IReadOnlyList<double> bits, List<(double Price, double Bits)> steps)
    {
        for (int tier = 0; tier < bits.Count - 1;)
        {
            int next = -1;
            double highest = double.NegativeInfinity;
            for (int other = tier + 1; other < bits.Count; other++)
            {
                double price = (logits[other] - (double)logits[tier]) / (bits[other] - bits[tier]);
                if (price >= highest)
                {
                    (next, highest) = (other, price);
                }
            }

            steps.Add((highest, bits[next] - bits[tier]));
            tier = next;
        }
    }
}
