using static AdaptiveKv.Tables.DuckDb.NativeMethods;

namespace AdaptiveKv.Tables.DuckDb;

/// <summary>Column types as DuckDB's own type objects.</summary>
internal static class LogicalType
{
    private static readonly Dictionary<ColumnType, NativeType> Scalars = new()
    {
        [ColumnType.Int32] = NativeType.Integer,
        [ColumnType.Int64] = NativeType.BigInt,
        [ColumnType.Float32] = NativeType.Float,
        [ColumnType.Float64] = NativeType.Double,
        [ColumnType.String] = NativeType.Text,
        [ColumnType.Boolean] = NativeType.Boolean,
    };

    /// <summary>A new object, which the caller destroys.</summary>
    public static nint Create(ColumnType type)
    {
        if (type != ColumnType.Float32List)
        {
            return duckdb_create_logical_type(Scalars[type]);
        }

        nint element = duckdb_create_logical_type(NativeType.Float);
        nint list = duckdb_create_list_type(element);
        duckdb_destroy_logical_type(ref element);
        return list;
    }

    /// <summary>The type that an object stands for.</summary>
    /// <exception cref="NotSupportedException">It is none of ours: the query should have cast it.</exception>
    public static ColumnType Read(nint type)
    {
        NativeType id = duckdb_get_type_id(type);
        if (id != NativeType.List)
        {
            return Scalars.FirstOrDefault(pair => pair.Value == id) is { Value: not 0 } known ? known.Key : throw new NotSupportedException($"DuckDB type {(int)id}");
        }

        nint element = duckdb_list_type_child_type(type);
        NativeType elementId = duckdb_get_type_id(element);
        duckdb_destroy_logical_type(ref element);
        return elementId == NativeType.Float ? ColumnType.Float32List : throw new NotSupportedException($"list of DuckDB type {(int)elementId}");
    }
}
