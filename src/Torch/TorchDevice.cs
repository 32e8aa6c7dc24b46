using System.Globalization;
using TorchSharp;

namespace AdaptiveKv.Torch;

/// <summary>A processor to train on: "auto", "cpu", "cuda" or "cuda:1".</summary>
/// <param name="Kind">The part before the colon.</param>
/// <param name="Index">Which of several NVIDIA processors.</param>
internal sealed record TorchDevice(string Kind, int Index)
{
    /// <summary>NVIDIA's processor where this build and machine have one, else the CPU.</summary>
    public const string Auto = "auto";

    private const string Cpu = "cpu";
    private const string Cuda = "cuda";

    /// <summary>Reads a name.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static TorchDevice Parse(string name)
    {
        string[] parts = name.Split(':');
        return parts switch
        {
            [Auto or Cpu or Cuda] => new TorchDevice(name, 0),
            [Cuda, string index] when int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out int number) => new TorchDevice(Cuda, number),
            _ => throw new FormatException($"is '{name}': expected auto, cpu, cuda, or one of several such as cuda:1"),
        };
    }

    /// <summary>The device; <see cref="TorchRuntime.Load"/> comes first.</summary>
    /// <exception cref="FileNotFoundException">It is asked for by name, and this build or machine has none.</exception>
    public torch.Device Open()
    {
        if (Kind == Cpu)
        {
            return torch.CPU;
        }

        // Quiet where there is none; making a tensor there would throw.
        int found = torch.TryInitializeDeviceType(DeviceType.CUDA) && torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        return Index < found ? new torch.Device(DeviceType.CUDA, Index)
            : Kind == Auto ? torch.CPU
            : throw new FileNotFoundException(
                $"device {Kind}:{Index} is asked for, and {found} of that kind can be used: train on cpu, or build with -p:Torch=cuda-linux (or cuda-windows) on a machine with NVIDIA's driver");
    }
}
