using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>What the kernels of keys and values in floating-point rows share.</summary>
internal static unsafe class FloatRows
{
    /// <summary>Dimensions within which a row's elements have an order of their own.</summary>
    public const int OrderDims = 16;

    /// <summary>The rows of a block, one pointer per token.</summary>
    public static void Locate(byte** units, int count, int tokensPerUnit, int rowBytes, byte** rows)
    {
        for (int unit = 0; unit < count; unit++)
        {
            byte* row = units[unit];
            for (int token = 0; token < tokensPerUnit; token++)
            {
                *rows++ = row;
                row += rowBytes;
            }
        }
    }

    /// <summary>Copies a token's row.</summary>
    public static void Copy(byte* from, byte* to, int rowBytes) => Buffer.MemoryCopy(from, to, rowBytes, rowBytes);

    /// <summary>Makes a unit of rows; those behind the last are 0, as codes beside them may be numbers.</summary>
    public static void Assemble(byte** rows, int count, int tokensPerUnit, int rowBytes, byte* unit)
    {
        for (int token = 0; token < count; token++)
        {
            Copy(rows[token], unit + (token * rowBytes), rowBytes);
        }

        NativeMemory.Clear(unit + (count * rowBytes), (nuint)((tokensPerUnit - count) * rowBytes));
    }

    /// <summary>Four horizontal sums at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        Vector256<float> pairs = Avx.HorizontalAdd(Avx.HorizontalAdd(a, b), Avx.HorizontalAdd(c, d));
        return pairs.GetLower() + pairs.GetUpper();
    }

    /// <summary>Dimensions 0..7 and 16..23 behind <paramref name="values"/>: the order of <see cref="IFloatRow.Load32"/>'s first vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* values) => Vector256.Load(values).ToVector512Unsafe().WithUpper(Vector256.Load(values + 16)); // Create of two halves goes through memory.

    /// <summary>Stores what <see cref="Load"/> loads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* values, Vector512<float> vector)
    {
        vector.GetLower().Store(values);
        vector.GetUpper().Store(values + 16);
    }
}
