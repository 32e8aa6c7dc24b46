using System.Runtime.Intrinsics;

namespace AdaptiveKv.Inference.Kernels;

/// <summary>Writes eight finished sums; the last octet of a matrix may have fewer rows.</summary>
internal static unsafe class OctetOutput
{
    /// <summary>Stores or adds the first <paramref name="valid"/> sums.</summary>
    public static void Store(float* sums, float* target, int valid, bool add)
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

        for (int i = 0; i < valid; i++)
        {
            target[i] = add ? target[i] + sums[i] : sums[i];
        }
    }
}
