using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Squared error of a uniform code over whole vectors; the scalar twin is the tail loop of <see cref="UniformCode"/>.</summary>
internal static class UniformError
{
    /// <summary>Sum over the first <paramref name="done"/> elements.</summary>
    public static float Sum(ReadOnlySpan<float> group, float scale, float minimum, float inverse, float top, out int done)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            return Narrow(group, scale, minimum, inverse, top, out done);
        }

        Vector256<float> sum = Vector256<float>.Zero;
        Vector256<float> offset = Vector256.Create(minimum);
        Vector256<float> step = Vector256.Create(scale);
        Vector256<float> ceiling = Vector256.Create(top);
        ReadOnlySpan<Vector256<float>> vectors = MemoryMarshal.Cast<float, Vector256<float>>(group);
        foreach (Vector256<float> vector in vectors)
        {
            Vector256<float> shifted = vector - offset;
            Vector256<float> code = Vector256.Min(Vector256.Max(Vector256.Round(shifted * inverse), Vector256<float>.Zero), ceiling);
            Vector256<float> error = shifted - (step * code);
            sum += error * error;
        }

        done = vectors.Length * Vector256<float>.Count;
        return Vector256.Sum(sum);
    }

    // The same for processors without 256-bit vectors.
    private static float Narrow(ReadOnlySpan<float> group, float scale, float minimum, float inverse, float top, out int done)
    {
        Vector128<float> sum = Vector128<float>.Zero;
        Vector128<float> ceiling = Vector128.Create(top);
        ReadOnlySpan<Vector128<float>> vectors = MemoryMarshal.Cast<float, Vector128<float>>(group);
        foreach (Vector128<float> vector in vectors)
        {
            Vector128<float> shifted = vector - Vector128.Create(minimum);
            Vector128<float> code = Vector128.Min(Vector128.Max(Vector128.Round(shifted * inverse), Vector128<float>.Zero), ceiling);
            Vector128<float> error = shifted - (code * scale);
            sum += error * error;
        }

        done = vectors.Length * Vector128<float>.Count;
        return Vector128.Sum(sum);
    }
}
