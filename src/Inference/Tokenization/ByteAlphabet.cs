namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// GPT-2's spelling of bytes as printable characters (Radford et al. 2019, bytes_to_unicode): printable Latin-1 bytes stand for
/// themselves, the other 68 bytes follow in order from U+0100 on. Vocabulary files are written in it.
/// </summary>
internal static class ByteAlphabet
{
    private const int FirstSubstitute = 0x100;

    private static readonly char[] Characters = BuildCharacters();
    private static readonly short[] Bytes = BuildBytes();

    /// <summary>The character that spells a byte.</summary>
    public static char Spell(byte value) => Characters[value];

    /// <summary>The byte a character spells; false for characters outside the alphabet.</summary>
    public static bool TryRead(char character, out byte value)
    {
        short read = character < Bytes.Length ? Bytes[character] : (short)-1;
        value = (byte)read;
        return read >= 0;
    }

    private static char[] BuildCharacters()
    {
        char[] characters = new char[256];
        int substitute = FirstSubstitute;
        for (int value = 0; value < characters.Length; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= '¡' and <= '¬') or (>= '®' and <= 'ÿ');
            characters[value] = (char)(printable ? value : substitute++);
        }

        return characters;
    }

    private static short[] BuildBytes()
    {
        short[] bytes = new short[Characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < Characters.Length; value++)
        {
            bytes[Characters[value]] = (short)value;
        }

        return bytes;
    }
}
