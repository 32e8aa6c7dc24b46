using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using AdaptiveKv.Files;
using AdaptiveKv.Files.Safetensors;
using AdaptiveKv.Policies.Saliency;

namespace AdaptiveKv.Policies.Control;

/// <summary>
/// A controller on disk: safetensors with the tensors layer.I.weight of [outputs][inputs], layer.I.bias of [outputs] and, where it has them, its
/// rarity table of [vocabulary] and its probe, probe.weight of [hidden] and probe.bias of [1]; everything else is JSON in the metadata. Nothing in it can be executed.
/// </summary>
/// <param name="Controller">The controller.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hex.</param>
public sealed record ControllerFile(Controller Controller, string Sha256)
{
    private const string Format = "akv-controller";
    private const int Version = 2; // 1 counted bits of tiers with scales of 16 bits.
    private const string Content = "controller";

    /// <summary>Writes the file whole or not at all; the same controller gives the same bytes.</summary>
    /// <exception cref="IOException">The disk is full or the folder is missing; a file that was there is unchanged.</exception>
    public static void Write(string path, Controller controller)
    {
        string json = JsonSerializer.Serialize(ControllerJson.Of(controller), ControllerJsonContext.Default.ControllerJson);
        List<SafetensorsTensor> tensors = [];
        foreach ((int i, DenseLayer layer) in controller.Layers.Index())
        {
            tensors.Add(new SafetensorsTensor($"layer.{i}.weight", [layer.Outputs, layer.Inputs], layer.Weights));
            tensors.Add(new SafetensorsTensor($"layer.{i}.bias", [layer.Outputs], layer.Bias));
        }

        if (controller.Rarity is { } rarity)
        {
            tensors.Add(new SafetensorsTensor(RarityTable.Tensor, [rarity.Values.Length], rarity.Values.ToArray()));
        }

        tensors.AddRange(controller.Probe?.Tensors() ?? []);
        OutputFile.Write(path, stream => SafetensorsWriter.Write(
            stream, [("format", Format), ("version", Version.ToString(CultureInfo.InvariantCulture)), (Content, json)], tensors));
    }

    /// <summary>Reads a controller; which model it was made for is in its record and refused by nobody.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is malformed, or from a newer version.</exception>
    public static ControllerFile Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such controller; 'akv train' makes one", path);
        }

        using ModelFile file = ModelFile.Open(path);
        SafetensorsHeader header = SafetensorsReader.Read(file);
        FormatMetadata.Require(path, header, Format, Version, "no controller");
        ControllerJson json = Json(path, header);
        Dictionary<string, SafetensorsEntry> entries = header.Entries.ToDictionary(entry => entry.Name);
        try
        {
            DenseLayer[] layers = [.. json.LayerShapes().Select((shape, i) => new DenseLayer(
                shape.Inputs, shape.Outputs, Numbers($"layer.{i}.weight", shape.Outputs, shape.Inputs), Numbers($"layer.{i}.bias", shape.Outputs)))];
            RarityTable? rarity = entries.Remove(RarityTable.Tensor, out SafetensorsEntry? stored) ? RarityTable.Read(file, header, stored) : null;
            HiddenProbe? probe = HiddenProbe.Take(file, header, entries, json.ProbeLayer ?? 0);
            string sha256 = Hash(file);
            return entries.Count == 0
                ? new ControllerFile(json.ToController(layers, rarity, probe, sha256), sha256)
                : throw new ModelFormatException(path, entries.Keys.First(), -1, "a controller has no such tensor");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw FormatMetadata.Error(path, Content, exception.Message);
        }

        float[] Numbers(string name, params int[] shape) => entries.Remove(name, out SafetensorsEntry? entry)
            ? SafetensorsReader.Floats(file, header, entry, shape, "this controller's")
            : throw new ModelFormatException(path, name, -1, "the tensor is missing");
    }

    /// <summary>Reads a file of a probe, or the probe that a controller's file holds.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is malformed, from a newer version, or a controller without a probe.</exception>
    public static HiddenProbe ReadProbe(string path) => !IsOne(path)
        ? HiddenProbe.Read(path)
        : Read(path).Controller.Probe ?? throw new ModelFormatException(path, Content, -1, "this controller has no probe: give one that has, or a file of 'akv probe'");

    private static bool IsOne(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using ModelFile file = ModelFile.Open(path);
        return SafetensorsReader.Read(file).Metadata.GetValueOrDefault("format") == Format;
    }

    private static ControllerJson Json(string path, SafetensorsHeader header)
    {
        string text = header.Metadata.GetValueOrDefault(Content) ?? throw FormatMetadata.Error(path, Content, "is missing");
        try
        {
            return JsonSerializer.Deserialize(text, ControllerJsonContext.Default.ControllerJson) ?? throw new JsonException("an object is expected");
        }
        catch (JsonException exception)
        {
            throw FormatMetadata.Error(path, Content, exception.Message);
        }
    }

    private static string Hash(ModelFile file)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        file.AppendTo(hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
