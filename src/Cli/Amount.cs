using System.Globalization;

namespace AdaptiveKv.Cli;

/// <summary>Numbers with units, short enough for a status line.</summary>
internal static class Amount
{
    /// <summary>The unit of bytes, which get decimal prefixes; any other unit is a noun ("items").</summary>
    public const string Bytes = "B";

    private static readonly (string Unit, long Size)[] Sizes =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), (Bytes, 1)];

    /// <summary>Reads "40MB" (millions of bytes), "512 KiB" (1024s), "1.5GB"; capitals do not matter, the unit does.</summary>
    public static bool TryParseBytes(string text, out long bytes)
    {
        (string unit, long size) = Sizes.FirstOrDefault(known => text.EndsWith(known.Unit, StringComparison.OrdinalIgnoreCase));
        bool parsed = decimal.TryParse(text.AsSpan(0, text.Length - (unit?.Length ?? 0)).TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value);
        bool valid = parsed && unit is not null && value <= long.MaxValue / size;
        bytes = valid ? (long)(value * size) : 0;
        return valid;
    }

    /// <summary>"120 items", "45.2 items", "1.5 MB".</summary>
    public static string Text(double value, string unit)
    {
        if (unit != Bytes)
        {
            return $"{value.ToString(value >= 100 || value == Math.Floor(value) ? "N0" : "0.0", CultureInfo.InvariantCulture)} {unit}";
        }

        string[] prefixes = ["", "k", "M", "G", "T"];
        int power = 0;
        for (; value >= 1000 && power < prefixes.Length - 1; power++)
        {
            value /= 1000;
        }

        return $"{value.ToString(power == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {prefixes[power]}B";
    }

    /// <summary>"120 of 200 items", "1.5 MB of 3.0 MB".</summary>
    public static string Text(long done, long total, string unit) =>
        unit == Bytes ? $"{Text(done, unit)} of {Text(total, unit)}" : string.Create(CultureInfo.InvariantCulture, $"{done:N0} of {total:N0} {unit}");

    /// <summary>"0:07", "12:30", "3:05:00".</summary>
    public static string Text(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");
}
