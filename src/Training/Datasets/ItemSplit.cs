using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.Data.Schemas;
using AdaptiveKv.Files;

namespace AdaptiveKv.Training.Datasets;

/// <summary>
/// Parts items into training and validation by their names alone: no text has tokens on both sides, and more items leave the others where they
/// were.
/// </summary>
/// <param name="seed">Another seed, another split.</param>
/// <param name="share">Share of the items kept for validation.</param>
internal sealed class ItemSplit(ulong seed, double share)
{
    // ML.NET asks from several threads.
    private readonly ConcurrentDictionary<string, string> known = new(StringComparer.Ordinal);

    /// <summary>The split of an item.</summary>
    public string Of(string item) => known.GetOrAdd(item, name =>
        new CounterRandom(seed).Uniform(BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name)))) < share ? DatasetTable.Validation : DatasetTable.Train);
}
