using System.Globalization;
using AdaptiveKv.Data.Columns;

namespace AdaptiveKv.Data.Sql;

/// <summary>
/// Powers of two by which columns of very large numbers are divided before they are summed and squared, and their figures multiplied again: one
/// column of 1e300 must not leave all others without statistics.
/// </summary>
internal static class ColumnScales
{
    // The squares of 2^24 million such numbers can be summed.
    private const int LargestExponent = 490;

    /// <summary>The scale of each column that needs one, as SQL.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static IReadOnlyDictionary<string, string> Of(SqlSession session, IEnumerable<StoredColumn> columns, CancellationToken cancellation)
    {
        StoredColumn[] doubles = [.. columns.Where(column => column.Type == ColumnType.Float64)];
        if (doubles.Length == 0)
        {
            return new Dictionary<string, string>();
        }

        IEnumerable<string> largest = doubles.Select(column => SqlText.Name(column.Name)).Select(name => $"max(abs({name})) FILTER (WHERE isfinite({name}))");
        object?[] row = session.Row($"SELECT {string.Join(", ", largest)} FROM {SqlSession.View}", cancellation);
        return doubles.Zip(row, (column, value) => (column.Name, Exponent: value is double number ? Math.ILogB(number) : 0))
            .Where(column => column.Exponent > LargestExponent)
            .ToDictionary(column => column.Name, column => Math.ScaleB(1, column.Exponent).ToString("E16", CultureInfo.InvariantCulture));
    }
}
