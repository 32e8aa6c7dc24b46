using TorchSharp;

namespace AdaptiveKv.Torch;

/// <summary>
/// TorchSharp makes a number native for a call, and nothing keeps it from being collected while the call runs: <c>a * 0.5</c> can read freed memory, and so can <c>a + b</c>, whose
/// factor of b is such a number. Code that trains keeps its numbers in fields and writes sums as <c>a.add(b, One)</c>; products and differences of tensors have none.
/// </summary>
internal static class TorchNumbers
{
    public static Scalar One { get; } = 1.0.ToScalar();
}
