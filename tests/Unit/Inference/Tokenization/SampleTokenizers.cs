using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace AdaptiveKv.Unit.Inference.Tokenization;

/// <summary>Tokenizers of real files, read once, small ones made by hand, and texts to try them on.</summary>
internal static class SampleTokenizers
{
    private static readonly Lazy<Tokenizer> MicroFromGguf = new(() => Open(SharedFiles.MicroModel));
    private static readonly Lazy<Tokenizer> MicroFromFolder = new(() => Open(Path.Combine(SharedFiles.Micro, "hf")));
    private static readonly Lazy<Tokenizer> SmolLmFromGguf = new(() => Open(SharedFiles.SmolLm));

    public static Tokenizer Micro => MicroFromGguf.Value;

    public static Tokenizer MicroFolder => MicroFromFolder.Value;

    /// <summary>SmolLM2's vocabulary of 49,152 tokens; skips the test where the file is not on this machine.</summary>
    public static Tokenizer SmolLm
    {
        get
        {
            _ = SharedFiles.SmolLm;
            return SmolLmFromGguf.Value;
        }
    }

    /// <summary>Any valid text: words, digits, runs of spaces, contractions, markers and characters of every plane.</summary>
    public static Arbitrary<string> Texts { get; } = Gen.Frequency(
        (6, Gen.Elements("a", "The", " then", " hat", "word", "X")),
        (3, Gen.Elements(" ", "  ", "\n", "\r\n", "\t", "\u00a0", "\u3000", "   \n ")),
        (2, Gen.Elements("'s", "'LL", "'", "!?", "...", "<|im_end|>", "<|", "|>")),
        (2, Gen.Choose(0, 9).Select(digit => digit.ToString())),
        (2, Gen.Choose(0, 0x7F).Select(code => ((char)code).ToString())),
        (2, Gen.Choose(0x80, 0xD7FF).Select(code => ((char)code).ToString())),
        (1, Gen.Choose(0x10000, 0x10FFFF).Select(char.ConvertFromUtf32))).ArrayOf().Select(string.Concat).ToArbitrary();

    /// <summary>Checks a property on 300 cases from a fixed seed.</summary>
    public static void ForAll<T>(Arbitrary<T> cases, Action<T> property) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300).WithQuietOnSuccess(true).WithReplay(42, 1), Prop.ForAll(cases, property));

    /// <summary>All 256 bytes, the unions the merges make, then the control tokens.</summary>
    public static TokenizerDefinition Made(string[] merges, string preTokenizer = "gpt-2", params string[] special)
    {
        List<string> tokens = [.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.Spell((byte)value).ToString())];
        tokens.AddRange(merges.Select(merge => merge.Replace(" ", "")).Distinct());
        int normal = tokens.Count;
        tokens.AddRange(special);
        bool[] isSpecial = [.. tokens.Select((_, id) => id >= normal)];
        return new TokenizerDefinition(tokens, isSpecial, merges, preTokenizer, BeginOfText: -1, EndTokens: [], AddBeginOfText: false);
    }

    /// <summary>The tokens as text, by id.</summary>
    public static string[] Spelled(this Tokenizer tokenizer, IEnumerable<int> tokens) =>
        [.. tokens.Select(token => tokenizer.Decode([token]))];

    private static Tokenizer Open(string path)
    {
        using ModelSource source = ModelFormats.Open(path);
        return new Tokenizer(source.Vocabulary, source.Path);
    }
}
