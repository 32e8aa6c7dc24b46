using System.Diagnostics;
using System.Text;
using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Unit.Inference.Tokenization;

public sealed class TokenizerTests
{
    [Fact]
    public void Decoding_gives_back_every_valid_text() => SampleTokenizers.ForAll(SampleTokenizers.Texts, text =>
    {
        Assert.Equal(text, SampleTokenizers.Micro.Decode(SampleTokenizers.Micro.Encode(text)));
        Assert.Equal(text, SampleTokenizers.Micro.Decode(SampleTokenizers.Micro.Encode(text, parseSpecial: false)));
    });

    [Fact]
    public void Decoding_gives_back_every_text_whose_bytes_the_vocabulary_has()
    {
        Tokenizer tokenizer = SampleTokenizers.SmolLm;
        byte[] missing = [4, 6, 0x13, 0x14, 0x16, 0x1d, 0xf1, 0xf2];
        SampleTokenizers.ForAll(SampleTokenizers.Texts, text =>
        {
            byte[] covered = [.. Encoding.UTF8.GetBytes(text).Where(value => !missing.Contains(value))];
            Assert.Equal(Encoding.UTF8.GetString(covered), tokenizer.Decode(tokenizer.Encode(text, parseSpecial: false)));
        });
    }

    [Fact]
    public void Lone_surrogates_become_the_replacement_character()
    {
        string text = "a\ud800b\udc00" + "c\ud83d";
        Assert.Equal("a\ufffdb\ufffdc\ufffd", SampleTokenizers.Micro.Decode(SampleTokenizers.Micro.Encode(text)));
    }

    [Fact]
    public void Nul_is_a_character_like_others()
    {
        int[] tokens = SampleTokenizers.Micro.Encode("a\0b");
        Assert.Equal("a\0b", SampleTokenizers.Micro.Decode(tokens));
        Assert.Equal([(byte)0], SampleTokenizers.Micro.Bytes(tokens[1]).ToArray());
    }

    [Theory]
    [InlineData(false, false, "ababaa", "aa|aa")]
    [InlineData(true, false, "ababbaa", "a|?|a|?|?|aa")]
    [InlineData(true, true, "ababbaab", "a|?|a|?|aa|?")]
    [InlineData(false, true, "bb", "")]
    public void A_byte_without_token_is_left_out_or_becomes_the_unknown_token(bool unknown, bool fused, string text, string expected)
    {
        TokenizerDefinition definition = SampleTokenizers.Made(["a a"]);
        string[] tokens = [.. definition.Tokens];
        tokens['b'] = "absent";
        var tokenizer = new Tokenizer(definition with
        {
            Tokens = tokens, Details = new TokenizerDetails { Unknown = unknown ? '?' : -1, FusesUnknown = fused },
        });
        Assert.Equal(expected.Split('|', StringSplitOptions.RemoveEmptyEntries), tokenizer.Spelled(tokenizer.Encode(text)));
    }

    [Fact]
    public void An_added_token_spelled_as_a_byte_is_not_the_byte()
    {
        TokenizerDefinition definition = SampleTokenizers.Made([]);
        var tokenizer = new Tokenizer(definition with
        {
            Special = [.. definition.Special.Select((_, id) => id == 32)],
            Details = new TokenizerDetails { Added = new Dictionary<int, AddedToken> { [32] = new() { IsMerged = false } } },
        });
        Assert.Equal(["a", "b"], tokenizer.Spelled(tokenizer.Encode("a b")));
        Assert.Equal([32], tokenizer.Encode("\u0120"));
    }

    [Theory]
    [InlineData("a")]
    [InlineData(" ")]
    [InlineData("7")]
    [InlineData("\n")]
    [InlineData("東")]
    [InlineData("<")]
    [InlineData("a ")]
    [InlineData("\ud800")]
    public void Time_is_linear_for_one_repeated_text(string unit)
    {
        Tokenizer tokenizer = SampleTokenizers.Micro;
        string small = Repeat(unit, 50_000), large = Repeat(unit, 1_000_000);

        // 20 times the length; a quadratic step anywhere would take 400 times as long. On a busy machine a measurement may be long by chance, but not all of them.
        double ratio = double.MaxValue;
        for (int attempt = 0; attempt < 20 && ratio > 100; attempt++)
        {
            ratio = Math.Min(ratio, Measure(tokenizer, large) / Math.Max(1, Measure(tokenizer, small)));
        }

        Assert.InRange(ratio, 0, 100);
        Assert.InRange(tokenizer.Encode(large).Length, 1, 3_000_000);
    }

    [Fact]
    public void A_text_over_the_cap_is_refused_with_the_remedy()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => SampleTokenizers.Micro.Encode(new string('x', 10_000_000)));
        Assert.Contains("10,000,000 characters; at most 4,194,304 are encoded at once: split it", error.Message);
    }

    [Fact]
    public void Special_tokens_are_parsed_only_on_request()
    {
        var tokenizer = new Tokenizer(SampleTokenizers.Made([], special: ["<s>", "<s>long", "other"]));
        Assert.Equal(["a", "<s>long", "<s>", "b"], tokenizer.Spelled(tokenizer.Encode("a<s>long<s>b")));
        Assert.DoesNotContain(tokenizer.Encode("a<s>long<s>b", parseSpecial: false), tokenizer.IsSpecial);
    }

    [Theory]
    [InlineData("x  <m>  y", false, false, false, "x|  |<m>|  |y")]
    [InlineData("x  <m>  y", true, false, false, "x|<m>|  |y")]
    [InlineData("x \u0085\u3000<m> \n y", true, true, false, "x|<m>|y")]
    [InlineData("<m>  <m>  <m>", true, true, false, "<m>|<m>|<m>")]
    [InlineData("a<m> <m>b <m> 1<m>\u200d<m>\u0301<m>-", false, false, true, "a|<|m|>| |<|m|>|b| |<m>| |1|<|m|>|\u200d|<|m|>|\u0301|<|m|>|-")]
    public void Added_tokens_strip_and_stand_alone_as_their_rules_say(string text, bool left, bool right, bool alone, string expected)
    {
        AddedToken rule = new() { StripsLeft = left, StripsRight = right, IsSingleWord = alone };
        var tokenizer = new Tokenizer(SampleTokenizers.Made([], special: "<m>") with
        {
            Details = new TokenizerDetails { Added = new Dictionary<int, AddedToken> { [256] = rule } },
        });
        Assert.Equal(expected.Replace("|", ""), tokenizer.Decode(tokenizer.Encode(text)));
        Assert.Equal(expected.Split('|').Count(part => part == "<m>"), tokenizer.Encode(text).Count(id => id == 256));
    }

    [Fact]
    public void Tokens_that_are_normalized_are_found_in_what_the_others_leave()
    {
        TokenizerDefinition definition = SampleTokenizers.Made([], special: ["ab", "bc"]);
        var once = new Tokenizer(definition);
        var twice = new Tokenizer(definition with
        {
            Details = new TokenizerDetails { Added = new Dictionary<int, AddedToken> { [256] = new() { IsNormalized = true } } },
        });
        Assert.Equal(["ab", "c", "ab"], once.Spelled(once.Encode("abcab")));
        Assert.Equal(["a", "bc", "ab"], twice.Spelled(twice.Encode("abcab")));
    }

    [Fact]
    public void Tokens_that_users_define_are_always_found()
    {
        var tokenizer = new Tokenizer(SampleTokenizers.Made([], special: ["<s>", "<u>"]) with
        {
            Details = new TokenizerDetails { Added = new Dictionary<int, AddedToken> { [257] = AddedToken.UserDefined } },
        });
        Assert.Equal(["<", "s", ">", "<u>"], tokenizer.Spelled(tokenizer.Encode("<s><u>", parseSpecial: false)));
        Assert.Equal(["<s>", "<u>"], tokenizer.Spelled(tokenizer.Encode("<s><u>")));
    }

    [Fact]
    public void Begin_of_text_starts_texts_but_not_fragments()
    {
        TokenizerDefinition definition = SampleTokenizers.Made([], special: "<bos>") with { BeginOfText = 256, AddBeginOfText = true };
        Assert.Equal([256, 'a' - '!'], new Tokenizer(definition).Encode("a").Select((id, at) => at == 0 ? id : id - '!'));
        Assert.DoesNotContain(256, new Tokenizer(definition).EncodeFragment("a"));
        Assert.DoesNotContain(256, new Tokenizer(definition with { AddBeginOfText = false }).Encode("a"));
    }

    [Fact]
    public void Generation_ends_at_end_of_text_and_at_end_of_turn()
    {
        Tokenizer tokenizer = SampleTokenizers.SmolLm;
        Assert.Equal([0, 2], Enumerable.Range(0, tokenizer.Vocabulary).Where(tokenizer.EndsGeneration));
        Assert.Equal(Enumerable.Range(0, 17), Enumerable.Range(0, tokenizer.Vocabulary).Where(tokenizer.IsSpecial));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(640)]
    public void Ids_out_of_range_are_refused(int token)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleTokenizers.Micro.Decode([token]));
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleTokenizers.Micro.Bytes(token).Length);
        Assert.False(SampleTokenizers.Micro.IsSpecial(token) || SampleTokenizers.Micro.EndsGeneration(token));
    }

    [Fact]
    public void Llama_takes_a_piece_that_is_a_token_whole()
    {
        string[] merges = ["b c", "a b"];
        TokenizerDefinition definition = SampleTokenizers.Made([.. merges]);
        definition = definition with { Tokens = [.. definition.Tokens, "abc"], Special = [.. definition.Special, false] };
        var gpt2 = new Tokenizer(definition);
        var llama = new Tokenizer(definition with { PreTokenizer = "llama-bpe" });
        Assert.Equal(["a", "bc"], gpt2.Spelled(gpt2.Encode("abc")));
        Assert.Equal(["abc"], llama.Spelled(llama.Encode("abc")));
        var other = new Tokenizer(definition with { PreTokenizer = "smaug-bpe" });
        Assert.Equal(["a", "bc"], other.Spelled(other.Encode("abc")));
        var whole = new Tokenizer(definition with { Details = new TokenizerDetails { TakesWholePieces = true } });
        Assert.Equal(["abc"], whole.Spelled(whole.Encode("abc")));
    }

    private static string Repeat(string unit, int length) => new StringBuilder(length).Insert(0, unit, length / unit.Length).ToString();

    private static double Measure(Tokenizer tokenizer, string text)
    {
        double best = double.MaxValue;
        for (int run = 0; run < 2; run++)
        {
            long start = Stopwatch.GetTimestamp();
            tokenizer.Encode(text);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return best;
    }
}
