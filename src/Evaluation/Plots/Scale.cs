namespace AdaptiveKv.Evaluation.Plots;

/// <summary>Numbers along an axis of a picture.</summary>
/// <param name="First">The number at <paramref name="Start"/>.</param>
/// <param name="Last">The number at <paramref name="End"/>.</param>
/// <param name="Start">In pixels.</param>
/// <param name="End">In pixels; less than the start where numbers grow upwards.</param>
/// <param name="Ticks">The numbers that are written.</param>
/// <param name="IsLogarithmic">Whether equal distances are equal ratios.</param>
internal sealed record Scale(double First, double Last, double Start, double End, IReadOnlyList<double> Ticks, bool IsLogarithmic = false)
{
    private const int Steps = 5;
    private const int MostTicks = 7;

    private static readonly double[] RoundNumbers = [1, 2, 2.5, 5, 10];

    /// <summary>Where a number lies, in pixels; one beyond the ends lies at the end.</summary>
    public double At(double value)
    {
        double share = First == Last ? 0.5
            : IsLogarithmic ? Math.Log(value / First) / Math.Log(Last / First)
            : (value - First) / (Last - First);
        return Start + (Math.Clamp(share, 0, 1) * (End - Start));
    }

    /// <summary>A scale whose ends are round.</summary>
    /// <param name="values">What it must reach.</param>
    /// <param name="start">In pixels.</param>
    /// <param name="end">In pixels.</param>
    /// <param name="fromZero">Whether it begins at zero, so that lengths can be compared.</param>
    public static Scale Linear(IReadOnlyCollection<double> values, double start, double end, bool fromZero)
    {
        double least = fromZero ? Math.Min(0, values.Min()) : values.Min();
        double most = values.Max();
        double span = most - least;
        if (span <= 0)
        {
            span = most == 0 ? 1 : Math.Abs(most) / 2;
            (least, most) = fromZero && least == 0 ? (0, span) : (least - (span / 2), most + (span / 2));
        }

        double step = Step(span);
        double first = Math.Floor((least / step) + 1e-9) * step;
        int count = (int)Math.Ceiling(((most - first) / step) - 1e-9);
        return new Scale(first, first + (count * step), start, end, [.. Enumerable.Range(0, count + 1).Select(i => first + (i * step))]);
    }

    /// <summary>A logarithmic scale that ends where its values do, at the next of the numbers 1, 2, 5, 10, 20, ...</summary>
    /// <param name="values">What it must reach, all positive.</param>
    /// <param name="start">In pixels.</param>
    /// <param name="end">In pixels.</param>
    public static Scale Logarithmic(IReadOnlyCollection<double> values, double start, double end)
    {
        double least = values.Min() * (1 + 1e-9), most = values.Max() * (1 - 1e-9);
        int power = (int)Math.Floor(Math.Log10(least));
        double[] numbers = [.. from decade in Enumerable.Range(power, (int)Math.Log10(most / least) + 3) from digit in (double[])[1, 2, 5] select digit * Math.Pow(10, decade)];
        int first = Array.FindLastIndex(numbers, number => number <= least);
        int last = Array.FindIndex(numbers, first + 1, number => number >= most);
        bool areAll = last - first < MostTicks;
        return new Scale(numbers[first], numbers[last], start, end, [.. Enumerable.Range(first, last - first + 1).Where(i => areAll || i == first || i == last || i % 3 == 0).Select(i => numbers[i])], true);
    }

    /// <summary>The least round number with which five steps reach a span.</summary>
    public static double Step(double span)
    {
        double decade = Math.Pow(10, Math.Floor(Math.Log10(span / Steps)));
        return decade * RoundNumbers.First(number => number * decade * Steps >= span * (1 - 1e-9));
    }

    /// <summary>A tick as text, without the noise of binary fractions.</summary>
    public static string Text(double tick)
    {
        double size = Math.Abs(tick);
        return size < 1e-12 ? "0" : size is >= 1e5 or < 1e-4 ? tick.ToString("0.#e0") : tick.ToString("0.######");
    }
}
