using TorchSharp;
using static TorchSharp.torch;

namespace AdaptiveKv.Training.Fitting;

/// <summary>
/// Networks of the same widths as one: a step costs the same time whatever its size, so many networks train nearly as fast as one. All numbers lie in one vector, first
/// the first layer's weights of every network, then its biases, and so on; the weights of a layer are a view of it, and so are their gradients.
/// </summary>
internal sealed class NetworkStack : IDisposable
{
    private readonly IReadOnlyList<int> widths;
    private readonly List<(int Start, Tensor Values)> parts = [];

    /// <param name="networks">One at least.</param>
    /// <param name="device">Where their numbers go.</param>
    public NetworkStack(IReadOnlyList<Network> networks, Device device)
    {
        Network first = networks[0];
        (Runs, widths) = (networks.Count, [first.Inputs(0), .. Enumerable.Range(0, first.Count).Select(first.Outputs)]);
        using DisposeScope scope = NewDisposeScope();
        Numbers = zeros(Runs * first.Parameters.Length, device: device).DetachFromDisposeScope();
        Gradient = zeros_like(Numbers).DetachFromDisposeScope();
        Tensor each = tensor([.. networks.SelectMany(network => network.Parameters)], [Runs, first.Parameters.Length], device: device);
        int start = 0;
        foreach ((int inputs, int outputs) in widths.Zip(widths.Skip(1)))
        {
            Leaf(outputs, inputs);
            Leaf(outputs, 1);
        }

        void Leaf(int outputs, int inputs)
        {
            int count = outputs * inputs;
            Tensor leaf = Part(Numbers).detach();
            leaf.copy_(each.narrow(1, start, count).view(Runs, outputs, inputs).transpose(1, 2));
            leaf.requires_grad_(true).DetachFromDisposeScope().grad = Part(Gradient);
            parts.Add((start, leaf));
            start += count;

            Tensor Part(Tensor all) => all.narrow(0, start * Runs, count * Runs).view(Runs, outputs, inputs).transpose(1, 2);
        }
    }

    /// <summary>Number of networks.</summary>
    public int Runs { get; }

    /// <summary>All numbers, [networks x parameters].</summary>
    public Tensor Numbers { get; }

    /// <summary>Backward passes add to it, in the order of the numbers.</summary>
    public Tensor Gradient { get; }

    /// <summary>From features [runs, rows, features] to the last layer's numbers [runs, rows, tiers], through rectified units.</summary>
    public Tensor Forward(Tensor inputs)
    {
        Tensor x = inputs;
        for (int part = 0; part < parts.Count; part += 2)
        {
            // TorchSharp's order: the summand comes last.
            x = (part == 0 ? x : x.relu_()).baddbmm(parts[part].Values, parts[part + 1].Values);
        }

        return x;
    }

    /// <summary>Takes the numbers of some networks of another stack.</summary>
    /// <param name="other">A stack of the same shape.</param>
    /// <param name="which">By network.</param>
    public void Take(NetworkStack other, bool[] which)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable still = no_grad();
        Tensor mask = tensor(which, [Runs, 1, 1], device: Numbers.device);
        foreach (((int _, Tensor own), (int _, Tensor others)) in parts.Zip(other.parts))
        {
            own.copy_(where(mask, others, own));
        }
    }

    /// <summary>The networks as they are now.</summary>
    public IReadOnlyList<Network> ToNetworks() => [.. ByNetwork(Numbers).Select(numbers =>
    {
        Network network = new(widths);
        numbers.CopyTo(network.Parameters, 0);
        return network;
    })];

    /// <summary>Numbers or gradients of each network, in the order of <see cref="Network.Parameters"/>.</summary>
    public IReadOnlyList<float[]> ByNetwork(Tensor all)
    {
        using Tensor here = all.cpu();
        float[] from = here.data<float>().ToArray();
        float[][] networks = [.. Enumerable.Range(0, Runs).Select(_ => new float[from.Length / Runs])];
        foreach ((int start, Tensor values) in parts)
        {
            int count = (int)values.numel() / Runs;
            for (int run = 0; run < Runs; run++)
            {
                from.AsSpan((start * Runs) + (run * count), count).CopyTo(networks[run].AsSpan(start));
            }
        }

        return networks;
    }

    public void Dispose()
    {
        foreach (Tensor tensor in parts.Select(part => part.Values).Append(Numbers).Append(Gradient))
        {
            tensor.Dispose();
        }
    }
}
