using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Files;

namespace AdaptiveKv.Evaluation.Speed;

/// <summary>The token ids that a speed measurement reads.</summary>
/// <param name="Name">A file, or how they were drawn.</param>
/// <param name="Ids">The ids.</param>
public sealed record TokenIds(string Name, ReadOnlyMemory<int> Ids)
{
    private const string Expected = "expected a JSON array of token ids, such as [1, 2, 3]";

    /// <summary>SHA-256 of the ids as little-endian 32-bit integers, so that another program can compute it whatever the file looks like.</summary>
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(Ids.Span)));

    /// <summary>Reads a JSON array of whole numbers.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no such array.</exception>
    public static TokenIds Read(string path)
    {
        DataFile file = DataFile.Read(path, Expected);
        try
        {
            int[] ids = JsonSerializer.Deserialize(file.Content.Span, TokenIdJson.Default.Int32Array) ?? throw new InvalidDataException($"{path}: null: {Expected}");
            return new TokenIds(path, ids);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}: {Expected}", error);
        }
    }

    /// <summary>Draws ids uniformly: what they are does not change how long they take.</summary>
    /// <param name="count">How many.</param>
    /// <param name="vocabulary">Number of token ids there are.</param>
    /// <param name="seed">The same seed gives the same ids.</param>
    public static TokenIds Draw(int count, int vocabulary, ulong seed)
    {
        CounterRandom random = new(seed);
        return new TokenIds($"random ids (seed {seed})", Enumerable.Range(0, count).Select(i => (int)(random.Uniform((ulong)i) * vocabulary)).ToArray());
    }

    /// <summary>Refuses ids that are too few or that the model does not know.</summary>
    /// <exception cref="InvalidDataException">They are.</exception>
    public void Require(int count, int vocabulary)
    {
        if (Ids.Length < count)
        {
            throw new InvalidDataException($"{Name}: {Ids.Length} token ids: {count} are needed for the greatest depth: give more ids or smaller --depths");
        }

        int wrong = Ids.Span.IndexOfAnyExceptInRange(0, vocabulary - 1);
        if (wrong >= 0)
        {
            throw new InvalidDataException($"{Name}: item {wrong}: {Ids.Span[wrong]} is no token id of this model: expected 0 to {vocabulary - 1}");
        }
    }
}

/// <summary>Reads a file of token ids.</summary>
[JsonSerializable(typeof(int[]))]
internal sealed partial class TokenIdJson : JsonSerializerContext;
