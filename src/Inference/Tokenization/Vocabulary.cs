using System.Buffers;
using System.Text;

namespace AdaptiveKv.Inference.Tokenization;

/// <summary>The tokens by id and by spelling. Of tokens spelled alike, the first id is the one a text is encoded to.</summary>
internal sealed class Vocabulary
{
    private readonly byte[] bytes;
    private readonly int[] ends;
    private readonly int longest;
    private readonly int[] byteTokens = new int[256];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids;

    /// <summary>Indexes the tokens; one outside the byte alphabet stands for its literal text, as a control token does.</summary>
    public Vocabulary(TokenizerDefinition definition)
    {
        IReadOnlyList<string> tokens = definition.Tokens;
        var idOf = new Dictionary<string, int>(tokens.Count, StringComparer.Ordinal);
        ends = new int[tokens.Count];
        var joined = new List<byte>(tokens.Count * 8);
        for (int id = 0; id < tokens.Count; id++)
        {
            if (!definition.Details.Added.TryGetValue(id, out AddedToken? rule) || rule.IsMerged)
            {
                idOf.TryAdd(tokens[id], id);
            }

            AppendBytes(joined, tokens[id], definition.Special[id]);
            ends[id] = joined.Count;
            longest = Math.Max(longest, tokens[id].Length);
        }

        bytes = [.. joined];
        ids = idOf.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int value = 0; value < byteTokens.Length; value++)
        {
            byteTokens[value] = Find([ByteAlphabet.Spell((byte)value)]);
        }
    }

    /// <summary>Number of ids.</summary>
    public int Count => ends.Length;

    /// <summary>Id of a token by its spelling; -1 where there is none.</summary>
    public int Find(ReadOnlySpan<char> spelling) => ids.TryGetValue(spelling, out int id) ? id : -1;

    /// <summary>Id of the token that stands for these bytes; -1 where there is none.</summary>
    public int FindBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > longest)
        {
            return -1;
        }

        char[] spelling = ArrayPool<char>.Shared.Rent(bytes.Length);
        for (int i = 0; i < bytes.Length; i++)
        {
            spelling[i] = ByteAlphabet.Spell(bytes[i]);
        }

        int id = Find(spelling.AsSpan(0, bytes.Length));
        ArrayPool<char>.Shared.Return(spelling);
        return id;
    }

    /// <summary>Id of the token of one byte; -1 where the vocabulary lacks it.</summary>
    public int OfByte(byte value) => byteTokens[value];

    /// <summary>The bytes a token stands for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public ReadOnlySpan<byte> Bytes(int token)
    {
        if ((uint)token >= (uint)ends.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(token), token, $"token ids are 0 to {ends.Length - 1}");
        }

        int start = token == 0 ? 0 : ends[token - 1];
        return bytes.AsSpan(start, ends[token] - start);
    }

    private static void AppendBytes(List<byte> bytes, string spelling, bool literal)
    {
        int start = bytes.Count;
        foreach (char character in literal ? "" : spelling)
        {
            if (!ByteAlphabet.TryRead(character, out byte value))
            {
                bytes.RemoveRange(start, bytes.Count - start);
                literal = true;
                break;
            }

            bytes.Add(value);
        }

        if (literal)
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(spelling));
        }
    }
}
