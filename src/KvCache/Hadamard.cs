using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache;

/// <summary>
/// Orthonormal fast Walsh-Hadamard transform, its own inverse: y = H x / sqrt(n), H Sylvester's matrix. It spreads a few large channels
/// over all elements of a group, so that one scale fits them. Rows whose length is no power of two are transformed in equal blocks.
/// </summary>
public static class Hadamard
{
    /// <summary>Transforms in place.</summary>
    /// <param name="row">Length a multiple of 32.</param>
    public static void Transform(Span<float> row)
    {
        int block = row.Length & -row.Length;
        for (int start = 0; start < row.Length; start += block)
        {
            if (Vector256.IsHardwareAccelerated)
            {
                VectorBlock(row.Slice(start, block));
            }
            else
            {
                NarrowBlock(row.Slice(start, block));
            }
        }
    }

    /// <summary>The reference.</summary>
    internal static void ScalarBlock(Span<float> row)
    {
        for (int stride = 1; stride < row.Length; stride *= 2)
        {
            for (int start = 0; start < row.Length; start += 2 * stride)
            {
                for (int i = start; i < start + stride; i++)
                {
                    (row[i], row[i + stride]) = (row[i] + row[i + stride], row[i] - row[i + stride]);
                }
            }
        }

        float scale = 1f / MathF.Sqrt(row.Length);
        for (int i = 0; i < row.Length; i++)
        {
            row[i] *= scale;
        }
    }

    // Strides 1, 2 and 4 stay inside a vector; the larger ones add and subtract whole vectors.
    private static void VectorBlock(Span<float> row)
    {
        Span<Vector256<float>> vectors = MemoryMarshal.Cast<float, Vector256<float>>(row);
        Vector256<float> scale = Vector256.Create(1f / MathF.Sqrt(row.Length));
        if (vectors.Length == 8)
        {
            Eight(vectors, scale);
            return;
        }

        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = Inside(vectors[i], scale);
        }

        for (int stride = 1; stride < vectors.Length; stride *= 2)
        {
            for (int start = 0; start < vectors.Length; start += 2 * stride)
            {
                for (int i = start; i < start + stride; i++)
                {
                    (vectors[i], vectors[i + stride]) = (vectors[i] + vectors[i + stride], vectors[i] - vectors[i + stride]);
                }
            }
        }
    }

    // The same for 64 elements, the most frequent head: all of it in registers.
    private static void Eight(Span<Vector256<float>> vectors, Vector256<float> scale)
    {
        Vector256<float> a = Inside(vectors[0], scale), b = Inside(vectors[1], scale), c = Inside(vectors[2], scale), d = Inside(vectors[3], scale);
        Vector256<float> e = Inside(vectors[4], scale), f = Inside(vectors[5], scale), g = Inside(vectors[6], scale), h = Inside(vectors[7], scale);
        (a, b, c, d, e, f, g, h) = (a + b, a - b, c + d, c - d, e + f, e - f, g + h, g - h);
        (a, c, b, d, e, g, f, h) = (a + c, a - c, b + d, b - d, e + g, e - g, f + h, f - h);
        (vectors[0], vectors[4], vectors[1], vectors[5]) = (a + e, a - e, b + f, b - f);
        (vectors[2], vectors[6], vectors[3], vectors[7]) = (c + g, c - g, d + h, d - h);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Inside(Vector256<float> x, Vector256<float> scale)
    {
        x = Vector256.FusedMultiplyAdd(x, Vector256.Create(1f, -1f, 1f, -1f, 1f, -1f, 1f, -1f), Vector256.Shuffle(x, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)));
        x = Vector256.FusedMultiplyAdd(x, Vector256.Create(1f, 1f, -1f, -1f, 1f, 1f, -1f, -1f), Vector256.Shuffle(x, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)));
        return Vector256.FusedMultiplyAdd(x, Vector256.Create(1f, 1f, 1f, 1f, -1f, -1f, -1f, -1f), Vector256.Shuffle(x, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3))) * scale;
    }

    // The same for processors without 256-bit vectors: strides 1 and 2 stay inside a vector.
    private static void NarrowBlock(Span<float> row)
    {
        Span<Vector128<float>> vectors = MemoryMarshal.Cast<float, Vector128<float>>(row);
        Vector128<float> scale = Vector128.Create(1f / MathF.Sqrt(row.Length));
        Vector128<float> sign1 = Vector128.Create(1f, -1f, 1f, -1f);
        Vector128<float> sign2 = Vector128.Create(1f, 1f, -1f, -1f);
        for (int i = 0; i < vectors.Length; i++)
        {
            Vector128<float> x = vectors[i];
            x = (x * sign1) + Vector128.Shuffle(x, Vector128.Create(1, 0, 3, 2));
            x = (x * sign2) + Vector128.Shuffle(x, Vector128.Create(2, 3, 0, 1));
            vectors[i] = x * scale;
        }

        for (int stride = 1; stride < vectors.Length; stride *= 2)
        {
            for (int start = 0; start < vectors.Length; start += 2 * stride)
            {
                for (int i = start; i < start + stride; i++)
                {
                    (vectors[i], vectors[i + stride]) = (vectors[i] + vectors[i + stride], vectors[i] - vectors[i + stride]);
                }
            }
        }
    }
}
