using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Unit.Inference.Tokenization;

public sealed class ByteAlphabetTests
{
    [Fact]
    public void Every_byte_has_its_own_character_and_is_read_back()
    {
        char[] characters = [.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.Spell((byte)value))];
        Assert.Equal(256, characters.Distinct().Count());
        Assert.All(characters, (character, value) => Assert.True(ByteAlphabet.TryRead(character, out byte read) && read == value));
    }

    [Theory]
    [InlineData(' ', 'Ġ')]
    [InlineData('\n', 'Ċ')]
    [InlineData('\0', 'Ā')]
    [InlineData('a', 'a')]
    [InlineData('\u00ad', '\u0143')]
    public void Known_spellings(char value, char spelling) => Assert.Equal(spelling, ByteAlphabet.Spell((byte)value));

    [Theory]
    [InlineData(' ')]
    [InlineData('\u00ad')]
    [InlineData('\u0144')]
    [InlineData('\uffff')]
    public void Other_characters_spell_nothing(char character) => Assert.False(ByteAlphabet.TryRead(character, out _));
}
