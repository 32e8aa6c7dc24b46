using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;

namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Cuts text into the pieces that merges never cross. Each rule is a published regular expression written as a scanner, so that
/// the time is linear for every input.
/// </summary>
internal abstract class PreTokenizer
{
    private static readonly Dictionary<string, PreTokenizer> ByName = new(StringComparer.Ordinal)
    {
        [PreTokenizers.SmolLm] = new Gpt2PreTokenizer(numbersApart: true),
        [PreTokenizers.Gpt2] = new Gpt2PreTokenizer(numbersApart: false),
        ["gpt2"] = new Gpt2PreTokenizer(numbersApart: false),
        [PreTokenizers.LlamaBpe] = new Llama3PreTokenizer(),
    };

    /// <summary>Whether a piece that is a token is taken whole, even where the merges would not build it (ignore_merges).</summary>
    public abstract bool TakesWholePieces { get; }

    /// <summary>The rule a model file names.</summary>
    /// <exception cref="ModelFormatException">The name is unknown.</exception>
    public static PreTokenizer Named(string name, string path)
    {
        string known = string.Join(", ", ByName.Keys);
        return ByName.TryGetValue(name, out PreTokenizer? rule)
            ? rule
            : throw new ModelFormatException(path, "tokenizer.ggml.pre", -1, $"'{name}' is unknown; expected one of {known}");
    }

    /// <summary>Length, in UTF-16 units, of the first piece.</summary>
    /// <param name="text">The rest of the text, not empty.</param>
    public abstract int PieceLength(ReadOnlySpan<char> text);

    /// <summary>Length of a leading 's 't 're 've 'm 'll 'd; 0 where there is none.</summary>
    protected static int ContractionLength(ReadOnlySpan<char> text, StringComparison comparison)
    {
        if (text[0] != '\'' || text.Length < 2)
        {
            return 0;
        }

        foreach (string ending in (ReadOnlySpan<string>)["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"])
        {
            if (text.StartsWith(ending, comparison))
            {
                return ending.Length;
            }
        }

        return 0;
    }
}
