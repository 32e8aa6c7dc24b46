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
        Span<Vector256<float>> vectors = System.Runtime.InteropServices.MemoryMarshal.Cast<float, Vector256<float>>(row);
        Vector256<float> scale = Vector256.Create(1f / MathF.Sqrt(row.Length));
        Vector256<float> sign1 = Vector256.Create(1f, -1f, 1f, -1f, 1f, -1f, 1f, -1f);
        Vector256<float> sign2 = Vector256.Create(1f, 1f, -1f, -1f, 1f, 1f, -1f, -1f);
        Vector256<float> sign4 = Vector256.Create(1f, 1f, 1f, 1f, -1f, -1f, -1f, -1f);
        for (int i = 0; i < vectors.Length; i++)
        {
            Vector256<float> x = vectors[i];
            x = Vector256.FusedMultiplyAdd(x, sign1, Vector256.Shuffle(x, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)));
            x = Vector256.FusedMultiplyAdd(x, sign2, Vector256.Shuffle(x, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)));
            x = Vector256.FusedMultiplyAdd(x, sign4, Vector256.Shuffle(x, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3)));
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

    // The same for processors without 256-bit vectors: strides 1 and 2 stay inside a vector.
    private static void NarrowBlock(Span<float> row)
    {
        Span<Vector128<float>> vectors = System.Runtime.InteropServices.MemoryMarshal.Cast<float, Vector128<float>>(row);
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
