using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>Writes finished sums of whole octets; the last octet of a matrix may have fewer rows.</summary>
internal static unsafe class OctetOutput
{
    /// <summary>Stores or adds the first <paramref name="valid"/> sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* sums, float* target, int valid, bool add)
    {
        if (Avx512F.IsSupported && valid == WordTile.Rows)
        {
            Vector512<float> first = Vector512.Load(sums), second = Vector512.Load(sums + 16);
            (add ? first + Vector512.Load(target) : first).Store(target);
            (add ? second + Vector512.Load(target + 16) : second).Store(target + 16);
            return;
        }

        StoreAny(sums, target, valid, add);
    }

    private static void StoreAny(float* sums, float* target, int valid, bool add)
    {
        if (Vector256.IsHardwareAccelerated && valid % PackedMatrix.OctetRows == 0)
        {
            for (int i = 0; i < valid; i += PackedMatrix.OctetRows)
            {
                Vector256<float> sum = Vector256.Load(sums + i);
                (add ? Vector256.Load(target + i) + sum : sum).Store(target + i);
            }

            return;
        }

        int done = valid & -Vector128<float>.Count;
        for (int i = 0; i < done; i += Vector128<float>.Count)
        {
            Vector128<float> sum = Vector128.Load(sums + i);
            (add ? Vector128.Load(target + i) + sum : sum).Store(target + i);
        }

        for (int i = done; i < valid; i++)
        {
            target[i] = add ? target[i] + sums[i] : sums[i];
        }
    }
}
