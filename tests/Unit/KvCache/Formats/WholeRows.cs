namespace AdaptiveKv.Unit.KvCache.Formats;

/// <summary>Rows of whole numbers whose groups span a given range, so that scales are 1 and all arithmetic is exact.</summary>
internal static class WholeRows
{
    public static float[][] Random(Random random, int rows, int length, int group, int low, int high) => [.. Enumerable.Range(0, rows).Select(_ =>
    {
        float[] row = [.. Enumerable.Range(0, length).Select(_ => (float)random.Next(low, high + 1))];
        for (int start = 0; start < length; start += group)
        {
            (row[start + random.Next(group / 2)], row[start + (group / 2) + random.Next(group / 2)]) = (low, high);
        }

        return row;
    })];

    /// <summary>One number everywhere.</summary>
    public static float[] Of(int length, float value)
    {
        float[] row = new float[length];
        Array.Fill(row, value);
        return row;
    }

    /// <summary>One number everywhere but at the start of each group.</summary>
    public static float[] Of(int length, float value, float first, int group)
    {
        float[] row = Of(length, value);
        for (int start = 0; start < length; start += group)
        {
            row[start] = first;
        }

        return row;
    }
}
