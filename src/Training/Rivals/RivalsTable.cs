using System.Globalization;
using System.Text;
using AdaptiveKv.Training.Assessment;
using AdaptiveKv.Training.Fitting;

namespace AdaptiveKv.Training.Rivals;

/// <summary>A comparison as Markdown.</summary>
internal static class RivalsTable
{
    /// <summary>Writes it.</summary>
    /// <param name="set">The rows.</param>
    /// <param name="standings">The controller first.</param>
    /// <param name="absent">Who could not be trained, and why.</param>
    /// <param name="items">Of the validation rows.</param>
    /// <param name="seed">Of trainers and resamples.</param>
    public static string Of(TrainingSet set, IReadOnlyList<Standing> standings, IReadOnlyDictionary<string, string> absent, int items, long seed)
    {
        StringBuilder text = new();
        Line($"# The controller and ML.NET's own trainers");
        Line($"");
        Line($"{set.Train.Rows} training rows; {set.Validation.Rows} validation rows of {items} items; tiers {string.Join(", ", set.Tiers)}; {set.Features.Count} features; labels: {set.Labels}; seed {seed}.");
        Line($"");
        Line($"| | bits | loss (nats) | 95 % interval | above the controller's | 95 % interval | gap closed | 95 % interval | accuracy | 95 % interval | log-loss (nats) |");
        Line($"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (Standing standing in standings)
        {
            string above = standing == standings[0] ? "- | -" : $"{Number(standing.Matched.Loss - standings[0].Matched.Loss)} | {Range(standing.Above(standings[0]))}";
            Line($"| {standing.Name} | {standing.Matched.Bits:F2} | {Number(standing.Matched.Loss)} | {Range(standing.LossRange)} | {above} | {Number(standing.Matched.GapClosed)} | {Range(standing.GapRange)} | {Number(standing.Accuracy)} | {Range(standing.AccuracyRange)} | {(standing.LogLoss is { } loss ? Number(loss) : "-")} |");
        }

        Line($"");
        foreach ((string name, string reason) in absent)
        {
            Line($"- {name} is left out: {reason}");
        }

        Line($"- All choose at the bits that the labels take: a price per bit is taken off the logarithms of their probabilities until the mean is there. accuracy and log-loss are without a price.");
        Line($"- loss: mean loss of these choices; that of who knows every loss is {Number(standings[0].Matched.Oracle)}.");
        Line($"- gap closed: share of the way there from the same shares of tiers dealt by chance. Chance loses more with the shares of one than with those of another: to compare, take the loss.");
        Line($"- intervals: {ItemResamples.Count} resamples of the items, the same for all lines; where that of a difference holds 0, it is not shown which of two is better.");
        Line($"- ML.NET's trainers learn the labels alone, with their own settings; the controller also learns what each tier loses, unless its lambda is 0, and its weights and its pass were");
        Line($"  chosen on the validation rows, which favours it.");
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    // Added to 0, what is rounded to -0 is 0.
    private static string Number(double value) => (Math.Round(value, 3) + 0).ToString("F3", CultureInfo.InvariantCulture);

    private static string Range(Interval range) => $"{Number(range.Low)} to {Number(range.High)}";
}
