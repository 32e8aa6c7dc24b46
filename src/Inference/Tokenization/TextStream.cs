using System.Text;

namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Text of a generation while it grows: tokens in, whole characters out. Bytes of an unfinished character are held back until the
/// tokens that complete it arrive; what comes out equals <see cref="Tokenizer.Decode"/> of all tokens.
/// </summary>
internal sealed class TextStream(Tokenizer tokenizer)
{
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private char[] characters = new char[64];

    /// <summary>Adds a token.</summary>
    /// <returns>The text that became complete, perhaps none; valid until the next call.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public ReadOnlySpan<char> Append(int token) => Decode(tokenizer.Bytes(token), flush: false);

    /// <summary>Ends the text: U+FFFD where it stops inside a character. The stream can be used again.</summary>
    public ReadOnlySpan<char> Flush() => Decode([], flush: true);

    private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        int capacity = Encoding.UTF8.GetMaxCharCount(bytes.Length);
        if (characters.Length < capacity)
        {
            characters = new char[capacity];
        }

        return characters.AsSpan(0, decoder.GetChars(bytes, characters, flush));
    }
}
