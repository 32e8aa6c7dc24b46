using System.Globalization;
using System.Numerics;
using System.Text;
using Parquet;
using Parquet.File.Values.Primitives;
using Parquet.Meta;
using Parquet.Schema;

namespace AdaptiveKv.Data.Columns;

/// <summary>
/// A column as a file has it, whoever wrote it, and how its values become those of a row: numbers to the nearest type a row holds, whatever else as text.
/// </summary>
internal sealed class ParquetColumn
{
    private readonly Func<ParquetRowGroupReader, ColumnData>? read;

    private ParquetColumn(string name, string storedType, Func<ParquetRowGroupReader, ColumnData>? read) => (Stored, this.read) = (new StoredColumn(name, storedType), read);

    /// <summary>Its name and type in the file.</summary>
    public StoredColumn Stored { get; }

    /// <summary>The column of a field.</summary>
    public static ParquetColumn Of(Field field) => field switch
    {
        DataField { IsArray: false } leaf => OfLeaf(leaf, list: null),
        DataField leaf => OfLeaf(leaf, leaf),
        ListField { Item: DataField leaf } list => OfLeaf(leaf, list),
        _ => new ParquetColumn(field.Name, field.SchemaType.ToString().ToUpperInvariant(), read: null),
    };

    /// <summary>Reads it of a row group.</summary>
    /// <exception cref="NotSupportedException">It is of structures, maps or lists of lists.</exception>
    public ColumnData Read(ParquetRowGroupReader group) =>
        read is null ? throw new NotSupportedException($"column '{Stored.Name}' is nested ({Stored.StoredType}): choose others with --columns, or query it with 'akv data sql'") : read(group);

    private static ParquetColumn OfLeaf(DataField leaf, Field? list)
    {
        SchemaElement element = leaf.SchemaElement!;
        return leaf switch
        {
            DateTimeDataField { DateTimeFormat: DateTimeFormat.Date } => Text<DateTime>("DATE", StoredText.Date),
            DateTimeDataField { IsAdjustedToUTC: true } when element.LogicalType?.TIMESTAMP is not null => Text<DateTime>("TIMESTAMP WITH TIME ZONE", value => $"{StoredText.Timestamp(value)}+00"),
            DateTimeDataField => Text<DateTime>("TIMESTAMP", StoredText.Timestamp),
            TimeDataField { Precision: TimeUnitPrecision.Millis } => Text<int>("TIME", value => StoredText.Time(value * TimeSpan.TicksPerMillisecond)),
            TimeDataField { Precision: TimeUnitPrecision.Micros } => Text<long>("TIME", value => StoredText.Time(value * TimeSpan.TicksPerMicrosecond)),
            TimeDataField => Text<long>("TIME", value => StoredText.Time(value / TimeSpan.NanosecondsPerTick)),
            _ when element.ConvertedType == ConvertedType.TIME_MILLIS => Text<int>("TIME", value => StoredText.Time(value * TimeSpan.TicksPerMillisecond)),
            _ when element.ConvertedType == ConvertedType.TIME_MICROS => Text<long>("TIME", value => StoredText.Time(value * TimeSpan.TicksPerMicrosecond)),
            DecimalDataField number => Number<decimal, double>($"DECIMAL({number.Precision},{number.Scale})", value => (double)value, double.NaN),
            _ when leaf.ClrType == typeof(ReadOnlyMemory<byte>) && (element.LogicalType?.JSON is not null || element.ConvertedType == ConvertedType.JSON) => Text<ReadOnlyMemory<byte>>("JSON", StoredText.Utf8),
            _ when leaf.ClrType == typeof(bool) => Number<bool, bool>("BOOLEAN", value => value, false),
            _ when leaf.ClrType == typeof(sbyte) => Number<sbyte, int>("TINYINT", value => value, 0),
            _ when leaf.ClrType == typeof(byte) => Number<byte, int>("UTINYINT", value => value, 0),
            _ when leaf.ClrType == typeof(short) => Number<short, int>("SMALLINT", value => value, 0),
            _ when leaf.ClrType == typeof(ushort) => Number<ushort, int>("USMALLINT", value => value, 0),
            _ when leaf.ClrType == typeof(int) => Number<int, int>("INTEGER", value => value, 0),
            _ when leaf.ClrType == typeof(uint) => Number<uint, long>("UINTEGER", value => value, 0),
            _ when leaf.ClrType == typeof(long) => Number<long, long>("BIGINT", value => value, 0),
            _ when leaf.ClrType == typeof(ulong) => Text<ulong>("UBIGINT", value => value.ToString(CultureInfo.InvariantCulture)),
            _ when leaf.ClrType == typeof(float) && list is not null => new ParquetColumn(list.Name, "FLOAT[]", group => Levels<float>.Read(group, leaf).Lists(ElementLevel())),
            _ when leaf.ClrType == typeof(float) => Number<float, float>("FLOAT", value => value, float.NaN),
            _ when leaf.ClrType == typeof(double) => Number<double, double>("DOUBLE", value => value, double.NaN),
            _ when leaf.ClrType == typeof(ReadOnlyMemory<char>) => Text<ReadOnlyMemory<char>>("VARCHAR", value => value.ToString()),
            _ when leaf.ClrType == typeof(ReadOnlyMemory<byte>) => Text<ReadOnlyMemory<byte>>("BLOB", StoredText.Blob),
            _ when leaf.ClrType == typeof(Guid) => Text<Guid>("UUID", value => value.ToString()),
            _ when leaf.ClrType == typeof(Interval) => Text<Interval>("INTERVAL", value => value.ToString()),
            _ => new ParquetColumn((list ?? leaf).Name, leaf.ClrType.Name.ToUpperInvariant(), read: null),
        };

        ParquetColumn Number<TStored, T>(string type, Func<TStored, T> convert, T missing)
            where TStored : unmanaged
            where T : unmanaged =>
            list is null ? new(leaf.Name, type, group => Levels<TStored>.Read(group, leaf).Numbers(convert, missing))
            : Text<TStored>(type, value => Convert.ToString(convert(value), CultureInfo.InvariantCulture)!);

        ParquetColumn Text<TStored>(string type, Func<TStored, string> convert)
            where TStored : struct =>
            list is null ? new(leaf.Name, type, group => Levels<TStored>.Read(group, leaf).Texts(convert))
            : new(list.Name, $"{type}[]", group => Levels<TStored>.Read(group, leaf).TextsOfLists(convert, ElementLevel()));

        // A list's own level counts its repeated group, which only the older form of lists lacks.
        int ElementLevel() => list is ListField group && !leaf.IsArray ? group.MaxDefinitionLevel : leaf.MaxDefinitionLevel;
    }
}

/// <summary>Values of types that rows do not have, as SQL writes them.</summary>
internal static class StoredText
{
    public static string Date(DateTime value) => value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string Timestamp(DateTime value) => value.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);

    /// <param name="ticks">Since midnight.</param>
    public static string Time(long ticks) => new TimeOnly(ticks).ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);

    public static string Utf8(ReadOnlyMemory<byte> value) => System.Text.Encoding.UTF8.GetString(value.Span);

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
