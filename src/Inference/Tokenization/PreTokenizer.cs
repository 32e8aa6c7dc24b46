using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Cuts text into the pieces that merges never cross. Each rule is a published regular expression written as a scanner, so that
/// the time is linear for every input.
/// </summary>
internal abstract class PreTokenizer
{
    private const char LongS = '\u017F';

    private static readonly Dictionary<string, PreTokenizer> ByRule = new(StringComparer.Ordinal)
    {
        [PreTokenizers.SmolLm] = new Gpt2PreTokenizer(numbersApart: true),
        [PreTokenizers.Gpt2] = new Gpt2PreTokenizer(numbersApart: false),
        [PreTokenizers.LlamaBpe] = new Llama3PreTokenizer(mostNumbers: 3),
        [PreTokenizers.Qwen2] = new Llama3PreTokenizer(mostNumbers: 1),
        [PreTokenizers.Default] = new DefaultPreTokenizer(),
    };

    /// <summary>The rule a model file names.</summary>
    /// <exception cref="ModelFormatException">The name is unknown.</exception>
    public static PreTokenizer Named(string name, string path) =>
        PreTokenizers.Rule(name) is string rule
            ? ByRule[rule]
            : throw new ModelFormatException(
                path, "tokenizer.ggml.pre", -1, $"'{name}' is unknown; expected one of {string.Join(", ", PreTokenizers.Names)}");

    /// <summary>Length, in UTF-16 units, of the first piece.</summary>
    /// <param name="text">The rest of the text, not empty.</param>
    public abstract int PieceLength(ReadOnlySpan<char> text);

    /// <summary>Length of a leading 's 't 're 've 'm 'll 'd; 0 where there is none.</summary>
    /// <param name="text">The rest of the text, not empty.</param>
    /// <param name="ignoreCase">Whether letters of any case count, the long s among them, as in expressions that ignore case.</param>
    protected static int ContractionLength(ReadOnlySpan<char> text, bool ignoreCase)
    {
        if (text[0] != '\'' || text.Length < 2)
        {
            return 0;
        }

        char first = Letter(text[1]);
        char second = text.Length > 2 ? Letter(text[2]) : default;
        return (first, second) switch
        {
            ('s' or 't' or 'm' or 'd', _) => 2,
            ('r' or 'v', 'e') or ('l', 'l') => 3,
            _ => 0,
        };

        char Letter(char letter) => !ignoreCase ? letter : letter == LongS ? 's' : char.ToLowerInvariant(letter);
    }
}
