using System.Numerics;
using System.Runtime.InteropServices;

namespace AdaptiveKv.Training.Fitting;

/// <summary>Adam (Kingma and Ba 2015), with the usual constants.</summary>
/// <param name="parameters">How many numbers it moves.</param>
/// <param name="rate">Learning rate.</param>
internal sealed class Adam(int parameters, double rate)
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const float Epsilon = 1e-8f;

    private readonly float[] mean = new float[parameters];
    private readonly float[] square = new float[parameters];
    private double power1 = 1;
    private double power2 = 1;

    /// <summary>One step against a gradient.</summary>
    public void Step(Span<float> values, ReadOnlySpan<float> gradient)
    {
        power1 *= Beta1;
        power2 *= Beta2;
        float step = (float)(rate / (1 - power1));
        float correction = (float)(1 / (1 - power2));
        int whole = values.Length / Vector<float>.Count;
        Span<Vector<float>> v = MemoryMarshal.Cast<float, Vector<float>>(values)[..whole];
        ReadOnlySpan<Vector<float>> g = MemoryMarshal.Cast<float, Vector<float>>(gradient)[..whole];
        Span<Vector<float>> m = MemoryMarshal.Cast<float, Vector<float>>(mean.AsSpan())[..whole];
        Span<Vector<float>> s = MemoryMarshal.Cast<float, Vector<float>>(square.AsSpan())[..whole];
        for (int i = 0; i < whole; i++)
        {
            m[i] = (m[i] * (float)Beta1) + (g[i] * (float)(1 - Beta1));
            s[i] = (s[i] * (float)Beta2) + (g[i] * g[i] * (float)(1 - Beta2));
            v[i] -= m[i] * step / (Vector.SquareRoot(s[i] * correction) + Vector.Create(Epsilon));
        }

        for (int i = whole * Vector<float>.Count; i < values.Length; i++)
        {
            mean[i] = (mean[i] * (float)Beta1) + (gradient[i] * (float)(1 - Beta1));
            square[i] = (square[i] * (float)Beta2) + (gradient[i] * gradient[i] * (float)(1 - Beta2));
            values[i] -= mean[i] * step / (MathF.Sqrt(square[i] * correction) + Epsilon);
        }
    }
}
