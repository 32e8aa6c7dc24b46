using System.Globalization;
using System.Numerics.Tensors;
using AdaptiveKv.Files;
using AdaptiveKv.Files.Safetensors;

namespace AdaptiveKv.Policies.Saliency;

/// <summary>
/// A linear probe: what a token's hidden state x says of the natural logarithm of what the token costs per later prediction, w x / rms(x) + b. The hidden state is the residual stream
/// after some layer; it is divided by its root mean square, as the norm of the next layer does.
/// </summary>
/// <param name="layer">After so many layers, from 1 on.</param>
/// <param name="weights">w, [hidden].</param>
/// <param name="bias">b.</param>
public sealed class HiddenProbe(int layer, float[] weights, float bias)
{
    private const string Format = "akv-probe";
    private const int Version = 1;
    private const string LayerKey = "layer";
    private const string WeightTensor = "probe.weight";
    private const string BiasTensor = "probe.bias";

    // Far above any model's.
    private const int MostWidth = 1 << 20;

    /// <summary>The layer after which it reads, from 1 on.</summary>
    public int Layer => layer;

    /// <summary>Numbers that it reads: the width of the model.</summary>
    public int Width => weights.Length;

    /// <summary>What it says of a token; NaN where the hidden state is no finite vector other than 0.</summary>
    /// <param name="hidden">[hidden] of the token after <see cref="Layer"/>.</param>
    public float Of(ReadOnlySpan<float> hidden)
    {
        float rms = Rms(hidden);
        return rms > 0 && float.IsFinite(rms) ? (TensorPrimitives.Dot(weights, hidden) / rms) + bias : float.NaN;
    }

    /// <summary>Root mean square.</summary>
    public static float Rms(ReadOnlySpan<float> hidden) => TensorPrimitives.Norm(hidden) / MathF.Sqrt(hidden.Length);

    /// <summary>Writes the probe to a safetensors file, whole or not at all; the same probe gives the same bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="modelSha256">The model whose hidden states it reads.</param>
    /// <exception cref="IOException">The disk is full or the folder is missing.</exception>
    public void Write(string path, string modelSha256) => OutputFile.Write(path, stream => SafetensorsWriter.Write(
        stream,
        [("format", Format), ("version", Version.ToString(CultureInfo.InvariantCulture)), ("model_sha256", modelSha256), (LayerKey, layer.ToString(CultureInfo.InvariantCulture))],
        Tensors()));

    /// <summary>Reads a probe that <see cref="Write"/> wrote.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is malformed, or from a newer version.</exception>
    public static HiddenProbe Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such probe; 'akv probe' makes one", path);
        }

        using ModelFile file = ModelFile.Open(path);
        SafetensorsHeader header = SafetensorsReader.Read(file);
        FormatMetadata.Require(path, header, Format, Version, "no probe");
        Dictionary<string, SafetensorsEntry> entries = header.Entries.ToDictionary(entry => entry.Name);
        int layer = int.TryParse(header.Metadata.GetValueOrDefault(LayerKey), NumberStyles.None, CultureInfo.InvariantCulture, out int known) ? known : 0;
        return Take(file, header, entries, layer) is { } probe && entries.Count == 0
            ? probe
            : throw new ModelFormatException(path, entries.Keys.FirstOrDefault(WeightTensor), -1, $"the tensors {WeightTensor} and {BiasTensor} alone are expected");
    }

    /// <summary>As other files hold it.</summary>
    internal SafetensorsTensor[] Tensors() => [new(WeightTensor, [weights.Length], weights), new(BiasTensor, [1], [bias])];

    /// <summary>Takes the probe out of another file's tensors; null where it has none.</summary>
    /// <exception cref="ModelFormatException">It is malformed.</exception>
    internal static HiddenProbe? Take(ModelFile file, SafetensorsHeader header, Dictionary<string, SafetensorsEntry> entries, int layer)
    {
        if (!entries.Remove(WeightTensor, out SafetensorsEntry? weight))
        {
            return null;
        }

        if (layer < 1)
        {
            throw FormatMetadata.Error(file.Path, LayerKey, "is missing or no layer, from 1 on");
        }

        int width = weight.Shape is [long one and >= 1 and <= MostWidth] ? (int)one
            : throw new ModelFormatException(file.Path, weight.Name, weight.HeaderOffset, $"is [{string.Join(", ", weight.Shape)}]; one dimension, the width of a model, is expected");
        float[] bias = entries.Remove(BiasTensor, out SafetensorsEntry? stored)
            ? SafetensorsReader.Floats(file, header, stored, [1], "a probe")
            : throw new ModelFormatException(file.Path, BiasTensor, -1, "the tensor is missing");
        return new HiddenProbe(layer, SafetensorsReader.Floats(file, header, weight, [width], "a probe"), bias[0]);
    }
}
