using TorchSharp;
using static TorchSharp.torch;

namespace AdaptiveKv.Training.Fitting;

/// <summary>Rows on a device, each kind of their numbers a matrix of its own: operations on parts of wider ones take several times as long.</summary>
internal sealed class DeviceRows : IDisposable
{
    private readonly Tensor inputs;
    private readonly Tensor labels;
    private readonly Tensor losses;

    /// <param name="set">The rows.</param>
    /// <param name="classWeights">Weight of each label.</param>
    /// <param name="device">Where they go.</param>
    public DeviceRows(RowSet set, IReadOnlyList<float> classWeights, Device device)
    {
        Count = set.Rows;
        float[] weights = new float[set.Losses.Length];
        for (int row = 0; row < Count; row++)
        {
            weights[(row * set.Tiers) + set.Labels[row]] = classWeights[set.Labels[row]];
        }

        using DisposeScope scope = NewDisposeScope();
        (inputs, labels, losses) = (Matrix(set.Inputs), Matrix(weights), Matrix(set.Losses));

        // In torch's own memory: of an array of .NET, which may lie anywhere, products are rounded in other ways from process to process.
        Tensor Matrix(float[] numbers) => tensor(numbers, [Count, numbers.Length / Count], device: device).clone().DetachFromDisposeScope();
    }

    /// <summary>Number of rows.</summary>
    public int Count { get; }

    /// <summary>Where they are.</summary>
    public Device Device => inputs.device;

    /// <summary>Rows by their places, [runs, rows] of int64: other ones for each network.</summary>
    public DeviceBatch Gather(Tensor places)
    {
        Tensor all = places.reshape(-1);
        return new DeviceBatch(Of(inputs), Of(labels), Of(losses));

        Tensor Of(Tensor matrix) => matrix.index_select(0, all).view(places.shape[0], places.shape[1], -1);
    }

    /// <summary>Rows one after the other, the same for all networks.</summary>
    public DeviceBatch Slice(int start, int count, int runs)
    {
        return new DeviceBatch(Of(inputs), Of(labels), Of(losses));

        Tensor Of(Tensor matrix) => matrix.narrow(0, start, count).unsqueeze(0).expand(runs, -1, -1);
    }

    public void Dispose()
    {
        inputs.Dispose();
        labels.Dispose();
        losses.Dispose();
    }
}

/// <summary>Rows on a device.</summary>
/// <param name="Inputs">[runs, rows, features].</param>
/// <param name="Labels">[runs, rows, tiers]: the label's weight at its tier, else 0.</param>
/// <param name="Losses">[runs, rows, tiers].</param>
internal sealed record DeviceBatch(torch.Tensor Inputs, torch.Tensor Labels, torch.Tensor Losses);
