using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Squared error of a uniform code over whole vectors; the scalar twin is the tail loop of <see cref="UniformCode"/>.</summary>
internal static class UniformError
{
    /// <summary>Sum over the first <paramref name="done"/> elements.</summary>
    public static float Sum(ReadOnlySpan<float> group, float scale, float minimum, float inverse, float top, out int done)
    {
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
}
