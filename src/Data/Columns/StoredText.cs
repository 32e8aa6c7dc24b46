using System.Globalization;
using System.Text;

namespace AdaptiveKv.Data.Columns;

/// <summary>Values of types that rows do not have, as SQL writes them.</summary>
internal static class StoredText
{
    public static string Date(DateTime value) => value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string Timestamp(DateTime value) => value.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);

    /// <param name="ticks">Since midnight.</param>
    public static string Time(long ticks) => new TimeOnly(ticks).ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);

    public static string Utf8(ReadOnlyMemory<byte> value) => Encoding.UTF8.GetString(value.Span);

    /// <summary>Printable ASCII as it is, other bytes as \xAB.</summary>
    public static string Blob(ReadOnlyMemory<byte> value)
    {
        var text = new StringBuilder();
        foreach (byte one in value.Span)
        {
            _ = one is >= (byte)' ' and <= (byte)'~' and not ((byte)'\\' or (byte)'\'' or (byte)'"') ? text.Append((char)one) : text.Append(CultureInfo.InvariantCulture, $"\\x{one:X2}");
        }

        return text.ToString();
    }
}
