using System.Globalization;
using AdaptiveKv.Files;
using AdaptiveKv.Files.Safetensors;

namespace AdaptiveKv.Policies.Saliency;

/// <summary>How rare each token of a vocabulary is in some text: log((N + V) / (count + 1)) of N tokens over a vocabulary of V.</summary>
public sealed class RarityTable
{
    /// <summary>The tensor's name in files.</summary>
    internal const string Tensor = "rarity";

    private const string Format = "akv-rarity";
    private const int Version = 1;

    private readonly float[] values;

    internal RarityTable(float[] values) => this.values = values;

    /// <summary>By token id, [vocabulary].</summary>
    public ReadOnlySpan<float> Values => values;

    /// <summary>The rarity of a token; NaN for one that is not in the table.</summary>
    public float this[int token] => (uint)token < (uint)values.Length ? values[token] : float.NaN;

    /// <summary>The table of a text.</summary>
    /// <param name="vocabulary">Number of token ids.</param>
    /// <param name="tokens">Any tokens of it.</param>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary.</exception>
    public static RarityTable Of(int vocabulary, IEnumerable<int> tokens)
    {
        long[] counts = new long[vocabulary];
        foreach (int token in tokens)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(token);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, vocabulary);
            counts[token]++;
        }

        double all = counts.Sum() + vocabulary;
        return new RarityTable([.. counts.Select(count => (float)Math.Log(all / (count + 1)))]);
    }

    /// <summary>Writes the table to a safetensors file, whole or not at all; the same table gives the same bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="modelSha256">The model whose tokenizer made the tokens.</param>
    /// <exception cref="IOException">The disk is full or the folder is missing.</exception>
    public void Write(string path, string modelSha256) => OutputFile.Write(path, stream => SafetensorsWriter.Write(
        stream,
        [("format", Format), ("version", Version.ToString(CultureInfo.InvariantCulture)), ("model_sha256", modelSha256)],
        [new SafetensorsTensor(Tensor, [values.Length], values)]));

    /// <summary>Reads a table that <see cref="Write"/> wrote.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is malformed, or from a newer version.</exception>
    public static RarityTable Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such rarity table; 'akv collect' makes one", path);
        }

        using ModelFile file = ModelFile.Open(path);
        SafetensorsHeader header = SafetensorsReader.Read(file);
        FormatMetadata.Require(path, header, Format, Version, "no rarity table");
        return header.Entries is [{ Name: Tensor } only]
            ? Read(file, header, only)
            : throw new ModelFormatException(path, Tensor, -1, "one tensor of this name is expected");
    }

    /// <summary>Reads the table in another file.</summary>
    internal static RarityTable Read(ModelFile file, SafetensorsHeader header, SafetensorsEntry entry) =>
        entry.Shape is [long vocabulary and >= 1 and <= int.MaxValue]
            ? new RarityTable(SafetensorsReader.Floats(file, header, entry, [(int)vocabulary], "a rarity table"))
            : throw new ModelFormatException(
                file.Path, entry.Name, entry.HeaderOffset, $"is [{string.Join(", ", entry.Shape)}]; one dimension, the vocabulary, is expected");
}
