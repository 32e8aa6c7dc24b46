using System.Text;
using AdaptiveKv.Inference.Tokenization;
using FsCheck.Fluent;

namespace AdaptiveKv.Unit.Inference.Tokenization;

public sealed class TextStreamTests
{
    [Fact]
    public void Equals_decoding_the_whole_for_any_tokens()
    {
        Tokenizer tokenizer = SampleTokenizers.Micro;
        var any = Gen.Choose(0, tokenizer.Vocabulary - 1).ArrayOf().ToArbitrary();
        SampleTokenizers.ForAll(any, tokens => Assert.Equal(tokenizer.Decode(tokens), Stream(tokenizer, tokens, out _)));
    }

    [Fact]
    public void Every_part_is_whole_characters_for_any_text()
    {
        Tokenizer tokenizer = SampleTokenizers.Micro;
        SampleTokenizers.ForAll(SampleTokenizers.Texts, text =>
        {
            Assert.Equal(text, Stream(tokenizer, tokenizer.Encode(text), out List<string> parts));
            Assert.All(parts, part => Assert.Equal(part, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(part))));
        });
    }

    [Fact]
    public void An_unfinished_character_is_held_back_and_replaced_at_the_end()
    {
        Tokenizer tokenizer = SampleTokenizers.Micro;
        int[] tokens = tokenizer.Encode("😀");
        Assert.Equal(4, tokens.Length);
        Assert.Equal("\ufffd", Stream(tokenizer, tokens[..3], out List<string> parts));
        Assert.Equal(["", "", "", "\ufffd"], parts);

        var stream = new TextStream(tokenizer);
        stream.Append(tokens[0]);
        stream.Flush();
        Assert.Equal("a", stream.Append(tokenizer.Encode("a")[0]).ToString());
    }

    [Fact]
    public void Appending_allocates_nothing()
    {
        Tokenizer tokenizer = SampleTokenizers.Micro;
        var stream = new TextStream(tokenizer);
        int[] tokens = tokenizer.Encode("Mia: hat tower. 東 Now hat");
        AppendAll();
        long before = GC.GetAllocatedBytesForCurrentThread();
        AppendAll();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void AppendAll()
        {
            foreach (int token in tokens)
            {
                stream.Append(token);
            }
        }
    }

    private static string Stream(Tokenizer tokenizer, int[] tokens, out List<string> parts)
    {
        var stream = new TextStream(tokenizer);
        parts = [];
        foreach (int token in tokens)
        {
            parts.Add(stream.Append(token).ToString());
        }

        parts.Add(stream.Flush().ToString());
        return string.Concat(parts);
    }
}
