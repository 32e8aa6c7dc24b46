using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.Unit.Inference.Models.Fuzzing;

namespace AdaptiveKv.Unit.Cli.Fuzzing;

/// <summary>Makes wrong documents from a right one that ends with the hash of its content; three of four get the right hash, as a stranger's would.</summary>
internal sealed class SealedMutator(string text)
{
    private const string Name = "\"sha256\": ";
    private const string Comma = ",\n  ";

    private readonly JsonMutator mutator = new(text);

    public byte[] Mutate(Random random)
    {
        byte[] mutant = mutator.Mutate(random);
        return random.Next(4) == 0 ? mutant : Sealed(Encoding.UTF8.GetString(mutant));
    }

    private static byte[] Sealed(string mutant)
    {
        int at = mutant.LastIndexOf(Comma + Name, StringComparison.Ordinal);
        int end = at < 0 ? -1 : mutant.IndexOf('\n', at + Comma.Length + Name.Length);
        if (end < 0)
        {
            return Encoding.UTF8.GetBytes(mutant);
        }

        // A plan has null in the hash's place while it is hashed, the others nothing.
        string bare = mutant.Contains("\"per_segment\"", StringComparison.Ordinal) ? $"{mutant[..at]}{Comma}{Name}null{mutant[end..]}" : mutant[..at] + mutant[end..];
        return Encoding.UTF8.GetBytes($"{mutant[..at]}{Comma}{Name}\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(bare)))}\"{mutant[end..]}");
    }
}
