using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace AdaptiveKv.KvCache.Formats;

/// <summary>Codes of a group as floats, and their squared error: sum of (x - minimum - scale * code)^2.</summary>
internal static class UniformError
{
    /// <summary>The error of one code.</summary>
    public static float Sum(ReadOnlySpan<float> group, float scale, float minimum, float inverse, float top)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            return Narrow(group, scale, minimum, inverse, top);
        }

        Vector256<float> sum = default, offset = Vector256.Create(minimum), step = Vector256.Create(scale), inverses = Vector256.Create(inverse), ceiling = Vector256.Create(top);
        foreach (Vector256<float> vector in MemoryMarshal.Cast<float, Vector256<float>>(group))
        {
            Vector256<float> shifted = vector - offset;
            Vector256<float> error = shifted - (step * Code(shifted, inverses, ceiling));
            sum += error * error;
        }

        return Vector256.Sum(sum);
    }

    /// <summary>What the least squares of a group on its codes are made of.</summary>
    /// <param name="group">The elements.</param>
    /// <param name="minimum">Value of code 0.</param>
    /// <param name="inverse">1 / scale.</param>
    /// <param name="top">The largest code.</param>
    /// <param name="products">Receives every element times its code.</param>
    /// <returns>Sums of the codes and of their squares: exact.</returns>
    public static (float Codes, float Squares) Moments(ReadOnlySpan<float> group, float minimum, float inverse, float top, Span<float> products)
    {
        Vector256<float> offset = Vector256.Create(minimum), inverses = Vector256.Create(inverse), ceiling = Vector256.Create(top), codes = default, squares = default;
        ReadOnlySpan<Vector256<float>> values = MemoryMarshal.Cast<float, Vector256<float>>(group);
        Span<Vector256<float>> targets = MemoryMarshal.Cast<float, Vector256<float>>(products);
        for (int i = 0; i < values.Length; i++)
        {
            Vector256<float> code = Code(values[i] - offset, inverses, ceiling);
            targets[i] = values[i] * code;
            codes += code;
            squares += code * code;
        }

        return (Vector256.Sum(codes), Vector256.Sum(squares));
    }

    /// <summary>The nearest codes of elements that are counted from code 0; what is not a number has code 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Code(Vector256<float> shifted, Vector256<float> inverse, Vector256<float> top) =>
        Vector256.MinNative(Vector256.MaxNative(Vector256.Round(shifted * inverse), Vector256<float>.Zero), top);

    // The same for processors without 256-bit vectors.
    private static float Narrow(ReadOnlySpan<float> group, float scale, float minimum, float inverse, float top)
    {
        Vector128<float> sum = default, ceiling = Vector128.Create(top);
        foreach (Vector128<float> vector in MemoryMarshal.Cast<float, Vector128<float>>(group))
        {
            Vector128<float> shifted = vector - Vector128.Create(minimum);
            Vector128<float> code = Vector128.MinNative(Vector128.MaxNative(Vector128.Round(shifted * inverse), Vector128<float>.Zero), ceiling);
            Vector128<float> error = shifted - (code * scale);
            sum += error * error;
        }

        return Vector128.Sum(sum);
    }
}
