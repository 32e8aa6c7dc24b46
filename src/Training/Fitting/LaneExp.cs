using System.Numerics;

namespace AdaptiveKv.Training.Fitting;

/// <summary>
/// exp(x) for x &lt;= 0 to about 2 units in the last place, from additions and products alone: the same bits on every machine, which neither the
/// C library nor a fused product promises. Range reduction and polynomial as in Cephes (Moshier, expf).
/// </summary>
internal static class LaneExp
{
    private const float Smallest = -87f;
    private const float Log2E = 1.44269504f;
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;
    private const int ExponentBias = 127;
    private const int MantissaBits = 23;

    /// <summary>exp of each lane; of less than -87 as of -87.</summary>
    public static Vector<float> Of(Vector<float> x)
    {
        x = Vector.Max(x, Vector.Create(Smallest));
        Vector<float> n = Vector.Floor((x * Log2E) + Vector.Create(0.5f));
        Vector<float> r = x - (n * Ln2High) - (n * Ln2Low);
        Vector<float> p = Vector.Create(1.9875691500e-4f);
        p = (p * r) + Vector.Create(1.3981999507e-3f);
        p = (p * r) + Vector.Create(8.3334519073e-3f);
        p = (p * r) + Vector.Create(4.1665795894e-2f);
        p = (p * r) + Vector.Create(1.6666665459e-1f);
        p = (p * r) + Vector.Create(5.0000001201e-1f);
        p = (p * (r * r)) + r + Vector<float>.One;
        Vector<int> power = (Vector.ConvertToInt32(n) + Vector.Create(ExponentBias)) << MantissaBits;
        return p * Vector.AsVectorSingle(power);
    }
}
