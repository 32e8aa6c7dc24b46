using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using static AdaptiveKv.Tables.DuckDb.NativeMethods;

namespace AdaptiveKv.Tables.DuckDb;

/// <summary>One column of a chunk in DuckDB's memory; valid as long as its chunk.</summary>
internal readonly unsafe struct Vector(nint handle)
{
    /// <summary>The values of the first rows.</summary>
    /// <typeparam name="T">The vector's own element type; nothing checks it.</typeparam>
    public Span<T> Values<T>(int rows)
        where T : unmanaged => new(duckdb_vector_get_data(handle), rows);

    /// <summary>The vector of all rows' elements, where this is one of lists.</summary>
    public Vector Elements => new(duckdb_list_vector_get_child(handle));

    /// <summary>How many elements all its lists have.</summary>
    public int ElementCount => checked((int)duckdb_list_vector_get_size(handle));

    /// <summary>Which rows have no value.</summary>
    public NullMask Nulls => new(duckdb_vector_get_validity(handle));

    /// <summary>Marks a row as one without a value.</summary>
    public void SetNull(int row)
    {
        duckdb_vector_ensure_validity_writable(handle);
        Nulls.Set(row);
    }

    /// <summary>Copies a text into the vector.</summary>
    [SkipLocalsInit]
    public void SetText(int row, string text)
    {
        const int OnStack = 1024;
        int capacity = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[]? rented = capacity > OnStack ? ArrayPool<byte>.Shared.Rent(capacity) : null;
        Span<byte> bytes = rented ?? stackalloc byte[OnStack];
        int length = Encoding.UTF8.GetBytes(text, bytes);
        fixed (byte* start = bytes)
        {
            duckdb_vector_assign_string_element_len(handle, (ulong)row, start, (ulong)length);
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Makes room for the elements of all rows' lists.</summary>
    public void ResizeElements(int count)
    {
        if (duckdb_list_vector_reserve(handle, (ulong)count) != NativeState.Success || duckdb_list_vector_set_size(handle, (ulong)count) != NativeState.Success)
        {
            throw new InsufficientMemoryException($"no room for {count} list elements");
        }
    }
}
