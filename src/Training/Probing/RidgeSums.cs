using AdaptiveKv.Torch;
using TorchSharp;
using static AdaptiveKv.Torch.TorchNumbers;
using static TorchSharp.torch;

namespace AdaptiveKv.Training.Probing;

/// <summary>
/// What ridge regression needs of rows (x, y): their sums, in double precision. Fitted to standardized inputs, the weights w solve (C + lambda diag C) w = c, with C the covariance of the
/// inputs and c theirs with y (Hoerl and Kennard, 1970). Sums add up, so that folds that leave rows out cost nothing.
/// </summary>
internal sealed class RidgeSums : IDisposable
{
    private readonly Tensor squares; // [width, width], sum of x x'.
    private readonly Tensor inputs; // [width], sum of x.
    private readonly Tensor products; // [width], sum of x y.
    private double outputs;
    private double outputSquares;

    /// <param name="width">Inputs of a row.</param>
    public RidgeSums(int width)
    {
        Width = width;
        (squares, inputs, products) = (zeros(width, width, ScalarType.Float64), zeros(width, ScalarType.Float64), zeros(width, ScalarType.Float64));
    }

    /// <summary>Inputs of a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds rows.</summary>
    /// <param name="x">[rows][width].</param>
    /// <param name="y">[rows].</param>
    public void Add(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = tensor(x.ToArray()).view(y.Length, -1), targets = tensor(y.ToArray());
        squares.add_(rows.t().mm(rows), One);
        inputs.add_(rows.sum(dim: 0), One);
        products.add_(rows.t().mv(targets), One);
        foreach (double target in y)
        {
            outputs += target;
            outputSquares += target * target;
        }

        Rows += y.Length;
    }

    /// <summary>Adds others' rows.</summary>
    public void Add(RidgeSums other)
    {
        squares.add_(other.squares, One);
        inputs.add_(other.inputs, One);
        products.add_(other.products, One);
        (outputs, outputSquares, Rows) = (outputs + other.outputs, outputSquares + other.outputSquares, Rows + other.Rows);
    }

    /// <summary>The weights and the bias that fit these rows.</summary>
    /// <param name="lambda">Penalty, in variances of the inputs.</param>
    /// <exception cref="InvalidDataException">An input never changes.</exception>
    public (double[] Weights, double Bias) Fit(double lambda)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor means = inputs.mul(tensor(1.0 / Rows)); // Numbers as tensors, which the scope keeps: see TorchNumbers.
        Tensor covariance = squares - means.outer(inputs), variances = covariance.diagonal();
        if (Array.FindIndex(variances.contiguous().data<double>().ToArray(), variance => !(variance > 0)) is >= 0 and int constant)
        {
            throw new InvalidDataException($"element {constant} of the hidden states never changes: collect more tokens, or those of another layer");
        }

        Tensor weights = linalg.solve(covariance.add(diag(variances).mul(tensor(lambda)), One), (products - means.mul(tensor(outputs))).unsqueeze(1)).squeeze(1);
        return (weights.data<double>().ToArray(), (outputs - weights.dot(inputs).item<double>()) / Rows);
    }

    /// <summary>Sum of the squared errors of a fit over these rows.</summary>
    public double Errors(double[] weights, double bias)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor w = tensor(weights);
        double own = w.dot(squares.mv(w)).item<double>(), crossed = w.dot(products).item<double>(), sum = w.dot(inputs).item<double>();
        return outputSquares - (2 * (crossed + (bias * outputs))) + own + (2 * bias * sum) + (Rows * bias * bias);
    }

    /// <summary>Sum of the squared distances from the mean.</summary>
    public double Spread => outputSquares - (outputs * outputs / Rows);

    /// <inheritdoc/>
    public void Dispose()
    {
        squares.Dispose();
        inputs.Dispose();
        products.Dispose();
    }
}
