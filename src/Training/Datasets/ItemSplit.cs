using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.KvCache;

using AdaptiveKv.Data.Schemas;

namespace AdaptiveKv.Training.Datasets;

/// <summary>
/// Parts items into training and validation by their names alone: no text has tokens on both sides, and more items leave the others where they
/// were.
/// </summary>
/// <param name="seed">Another seed, another split.</param>
/// <param name="share">Share of the items kept for validation.</param>
internal sealed class ItemSplit(ulong seed, double share)
{
    /// <summary>Name of the training split.</summary>
    public const string Train = DatasetTable.Train;

    /// <summary>Name of the validation split.</summary>
    public const string Validation = DatasetTable.Validation;

    private readonly Dictionary<string, string> known = new(StringComparer.Ordinal);

    /// <summary>The split of an item.</summary>
    public string Of(string item)
    {
        if (!known.TryGetValue(item, out string? split))
        {
            ulong name = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(item)));
            split = new CounterRandom(seed).Uniform(name) < share ? Validation : Train;
            known.Add(item, split);
        }

        return split;
    }
}
