using AdaptiveKv.Training.Fitting;
using AdaptiveKv.Unit.Policies.Control;

namespace AdaptiveKv.Unit.Training.Fitting;

/// <summary>Rows whose label is decided by two of their features.</summary>
internal static class SampleRows
{
    public static Objective Objective { get; } = new([0f, 0.2f, 0.5f, 1f], [1f, 1f, 1f, 1f], 0.3, 0.7);

    public static RowSet Of(int rows, int features = 4, ulong stream = 50)
    {
        float[] inputs = Sample.Numbers(rows * features, stream, 1.7f);
        int[] labels = [.. inputs.Chunk(features).Select(row => (row[0] > 0.3f ? 2 : 0) + (row[^1] < 0 ? 1 : 0))];
        return new RowSet(inputs, labels, [.. labels.SelectMany(label => Enumerable.Range(0, 4).Select(tier => (float)Math.Max(0, label - tier)))]);
    }
}
