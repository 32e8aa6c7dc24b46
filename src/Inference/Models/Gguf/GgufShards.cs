using System.Globalization;
using System.Text.RegularExpressions;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models.Gguf;

/// <summary>
/// The files of a model that was split (llama.cpp, llama-gguf-split): NAME-00001-of-0000N.gguf, each with its own tensors, the keys of the model in
/// the first. Any of them may be given.
/// </summary>
internal static partial class GgufShards
{
    private const string NumberKey = "split.no";
    private const string CountKey = "split.count";
    private const string TensorsKey = "split.tensors.count";

    /// <summary>Keys that say how a model is split.</summary>
    public static IReadOnlyList<string> Keys { get; } = [NumberKey, CountKey, TensorsKey];

    /// <summary>Headers of all parts, in order.</summary>
    /// <param name="given">An opened part, or a whole model.</param>
    /// <param name="files">Holds <paramref name="given"/>; becomes all parts in order. The caller disposes them.</param>
    /// <exception cref="FileNotFoundException">A part is missing.</exception>
    /// <exception cref="ModelFormatException">A part is malformed, or not of this model.</exception>
    public static IReadOnlyList<GgufHeader> Open(ModelFile given, List<ModelFile> files)
    {
        GgufHeader header = GgufReader.Read(given);
        int count = header.Metadata.OptionalInteger(CountKey) ?? 1;
        if (count <= 1)
        {
            return [header];
        }

        int number = header.Metadata.Integer(NumberKey);
        Match name = PartName().Match(given.Path);
        if (!name.Success || Part(name, 2) != number + 1 || Part(name, 3) != count)
        {
            throw header.Metadata.Error(
                NumberKey,
                $"this is part {number + 1} of {count} of a model; its parts are found by their names, NAME-{number + 1:D5}-of-{count:D5}.gguf: give them these names in one folder");
        }

        List<GgufHeader> headers = [];
        files.Clear();
        for (int part = 1; part <= count; part++)
        {
            string path = $"{name.Groups[1].Value}-{part:D5}-of-{count:D5}.gguf";
            if (part == number + 1)
            {
                files.Add(given);
                headers.Add(header);
                continue;
            }

            if (!File.Exists(path))
            {
                throw new FileNotFoundException($"{path}: part {part} of {count} of this model is missing: its parts belong into one folder", path);
            }

            files.Add(ModelFile.Open(path));
            GgufModel.RequireGguf(files[^1]);
            headers.Add(GgufReader.Read(files[^1]));
            Require(headers[^1], CountKey, count, $"the number of parts that {given.Path} states");
            Require(headers[^1], NumberKey, part - 1, "one less than the number in its name");
        }

        CheckTensors(headers);
        return headers;
    }

    private static void Require(GgufHeader header, string key, int expected, string what)
    {
        if (header.Metadata.Integer(key) is int value && value != expected)
        {
            throw header.Metadata.Error(key, $"is {value}; it must be {expected}, {what}");
        }
    }

    private static void CheckTensors(List<GgufHeader> headers)
    {
        int tensors = headers.Sum(header => header.Tensors.Count);
        foreach (GgufHeader header in headers.Where(header => header.Metadata.Has(TensorsKey)))
        {
            Require(header, TensorsKey, tensors, "the number of tensors in all parts");
        }

        HashSet<string> names = [];
        foreach ((GgufHeader header, GgufTensorInfo tensor) in headers.SelectMany(header => header.Tensors.Select(tensor => (header, tensor))))
        {
            if (!names.Add(tensor.Name))
            {
                throw header.Metadata.Error(tensor.Name, "the tensor is in two parts");
            }
        }
    }

    private static int Part(Match name, int group) => int.Parse(name.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(.*)-([0-9]{5})-of-([0-9]{5})\.gguf\z", RegexOptions.Singleline)]
    private static partial Regex PartName();
}
