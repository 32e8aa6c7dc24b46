using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Training.Datasets;

namespace AdaptiveKv.Training.Assessment;

/// <summary>Whether a network is as often right as it believes: rows by tenths of their largest probability.</summary>
internal static class Calibration
{
    private const int Bins = 10;

    /// <summary>The tenths that have rows.</summary>
    /// <param name="logits">[rows][tiers].</param>
    /// <param name="labels">[rows].</param>
    public static IReadOnlyList<CalibrationBin> Of(float[] logits, int[] labels)
    {
        var confidence = new double[Bins];
        var correct = new int[Bins];
        var count = new int[Bins];
        int tiers = logits.Length / labels.Length;
        foreach ((int row, float[] values) in logits.Chunk(tiers).Index())
        {
            float most = values.Max();
            double largest = 1 / values.Sum(value => Math.Exp(value - most));
            int bin = Math.Min((int)(largest * Bins), Bins - 1);
            confidence[bin] += largest;
            correct[bin] += values[labels[row]] == most ? 1 : 0;
            count[bin]++;
        }

        return [.. Enumerable.Range(0, Bins).Where(bin => count[bin] > 0).Select(bin =>
            new CalibrationBin(Figure.Round(confidence[bin] / count[bin]), Figure.Round((double)correct[bin] / count[bin]), count[bin]))];
    }
}
