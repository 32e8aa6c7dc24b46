using TorchSharp;
using static AdaptiveKv.Torch.TorchNumbers;
using static TorchSharp.torch;

namespace AdaptiveKv.Training.Fitting;

/// <summary>Adam (Kingma and Ba 2015), with the usual constants; TorchSharp's own does not keep its numbers: see <see cref="Torch.TorchNumbers"/>.</summary>
internal sealed class Adam : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly Tensor values;
    private readonly double rate;
    private readonly Tensor mean;
    private readonly Tensor square;
    private readonly Tensor rest1;
    private readonly Scalar beta2 = Beta2.ToScalar();
    private readonly Scalar rest2 = (1 - Beta2).ToScalar();
    private double power1 = 1;
    private double power2 = 1;

    /// <param name="values">What it moves.</param>
    /// <param name="rate">Learning rate.</param>
    public Adam(Tensor values, double rate)
    {
        (this.values, this.rate) = (values, rate);
        using DisposeScope scope = NewDisposeScope();
        rest1 = tensor((float)(1 - Beta1), device: values.device).DetachFromDisposeScope();
        mean = zeros_like(values).DetachFromDisposeScope();
        square = zeros_like(values).DetachFromDisposeScope();
    }

    /// <summary>One step against a gradient.</summary>
    public void Step(Tensor gradient)
    {
        power1 *= Beta1;
        power2 *= Beta2;
        mean.lerp_(gradient, rest1);
        square.mul_(beta2).addcmul_(gradient, gradient, rest2);
        // Numerator and denominator both times the square's correction, a pass over the numbers less.
        double correction = Math.Sqrt(1 - power2);
        using Scalar epsilon = (Epsilon * correction).ToScalar(), step = (-rate * correction / (1 - power1)).ToScalar();
        values.addcdiv_(mean, square.sqrt().add_(epsilon, One), step);
    }

    public void Dispose()
    {
        rest1.Dispose();
        mean.Dispose();
        square.Dispose();
    }
}
