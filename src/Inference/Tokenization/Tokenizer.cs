using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Tokenization;

/// <summary>
/// Byte-level BPE (Sennrich et al. 2016; Radford et al. 2019): text to token ids and back. Immutable but for a bounded cache; safe to
/// share between threads.
/// </summary>
public sealed class Tokenizer
{
    /// <summary>Longest text encoded at once, in UTF-16 units: bounds the memory of one call.</summary>
    public const int MaxCharacters = 4 << 20;

    private readonly Vocabulary vocabulary;
    private readonly MergeTable merges;
    private readonly AddedTokens added;
    private readonly PreTokenizer preTokenizer;
    private readonly TokenizerDetails details;
    private readonly bool takesWholePieces;
    private readonly PieceCache cache = new();
    private readonly bool[] special;
    private readonly HashSet<int> endTokens;

    /// <summary>Builds the tokenizer.</summary>
    /// <param name="definition">Vocabulary and merges.</param>
    /// <param name="path">The file they come from, for error messages.</param>
    /// <exception cref="ModelFormatException">
    /// Lengths disagree, an id is out of range, a merge is malformed or out of the vocabulary, or the pre-tokenizer is unknown.
    /// </exception>
    public Tokenizer(TokenizerDefinition definition, string path = "vocabulary")
    {
        Check(definition, path);
        special = [.. definition.Special];
        preTokenizer = PreTokenizer.Named(definition.PreTokenizer, path);
        details = definition.Details;
        takesWholePieces = details.TakesWholePieces ?? PreTokenizers.IsLlama3(definition.PreTokenizer);
        vocabulary = new Vocabulary(definition);
        merges = new MergeTable(definition.Merges, vocabulary, path);
        added = new AddedTokens(definition, path);
        endTokens = [.. definition.EndTokens];
        BeginOfText = definition.AddBeginOfText ? definition.BeginOfText : -1;
        BeginText = definition.BeginOfText < 0 ? string.Empty : definition.Tokens[definition.BeginOfText];
        EndText = definition.EndTokens is [int end, ..] ? definition.Tokens[end] : string.Empty;
    }

    /// <summary>Number of token ids.</summary>
    public int Vocabulary => vocabulary.Count;

    /// <summary>Id that every text starts with; -1 for models that want none.</summary>
    public int BeginOfText { get; }

    /// <summary>The begin-of-text token as it is spelled, whether or not texts start with it; empty where there is none.</summary>
    internal string BeginText { get; }

    /// <summary>The token that ends a text as it is spelled; empty where there is none.</summary>
    internal string EndText { get; }

    /// <summary>Ids of a whole text: <see cref="BeginOfText"/> where the model wants it, then <see cref="EncodeFragment(string, bool)"/>.</summary>
    /// <param name="text">Any UTF-16 text, up to <see cref="MaxCharacters"/>.</param>
    /// <param name="parseSpecial">Whether control tokens spelled in the text become their ids; those that users may spell always do.</param>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public int[] Encode(string text, bool parseSpecial = true)
    {
        int[] tokens = EncodeFragment(text, parseSpecial);
        return BeginOfText < 0 ? tokens : [BeginOfText, .. tokens];
    }

    /// <summary>
    /// Token ids of a part of a text. Lone surrogates are encoded as U+FFFD; bytes for which the vocabulary has no token (SmolLM2
    /// lacks 21, among them rare control characters) are left out or become the unknown token, as the reference tokenizer does.
    /// </summary>
    /// <inheritdoc cref="Encode"/>
    public int[] EncodeFragment(string text, bool parseSpecial = true) => EncodeFragment(text, parseSpecial, []);

    /// <summary>The same where some characters are in no control token.</summary>
    /// <param name="text">The text.</param>
    /// <param name="foreign">By character, whether it is in none.</param>
    internal int[] EncodeFragment(string text, ReadOnlySpan<bool> foreign) => EncodeFragment(text, parseSpecial: true, foreign);

    private int[] EncodeFragment(string text, bool parseSpecial, ReadOnlySpan<bool> foreign)
    {
        if (text.Length > MaxCharacters)
        {
            throw new ArgumentException($"a text of {text.Length:N0} characters; at most {MaxCharacters:N0} are encoded at once: split it");
        }

        var tokens = new List<int>((text.Length / 3) + 8);
        var merger = new BytePairMerger(vocabulary, merges, details);
        added.Encode(text, parseSpecial, foreign, (part, parts) => EncodePieces(part, merger, parts), tokens);
        return [.. tokens];
    }

    /// <summary>The bytes a token stands for (UTF-8 fragments; a special token's literal text).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public ReadOnlySpan<byte> Bytes(int token) => vocabulary.Bytes(token);

    /// <summary>Text of the tokens; invalid UTF-8 becomes U+FFFD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such id.</exception>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(16, tokens.Length * 4));
        foreach (int token in tokens)
        {
            bytes.Write(vocabulary.Bytes(token));
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Whether the id is one that is matched literally, a control token above all.</summary>
    public bool IsSpecial(int token) => (uint)token < (uint)special.Length && special[token];

    /// <summary>Id of the control token with this literal text ("&lt;|im_start|&gt;"); -1 where the model has none.</summary>
    public int SpecialToken(string literal) => added.Find(literal);

    /// <summary>Whether the id ends a generation (end of text, end of turn).</summary>
    public bool EndsGeneration(int token) => endTokens.Contains(token);

    private bool IsControl(int token) => special[token] && details.Added.GetValueOrDefault(token, AddedToken.Control).IsControl;

    private static void Check(TokenizerDefinition definition, string path)
    {
        int count = definition.Tokens.Count;
        Require(count > 0, "tokens", "the vocabulary is empty");
        Require(definition.Special.Count == count, "token types", $"{definition.Special.Count} for {count} tokens");
        RequireId("begin of text", definition.BeginOfText);
        foreach (int id in definition.EndTokens)
        {
            Require(id >= 0 && id < count, "end of text", $"id {id} is not one of {count} tokens");
        }

        Require(!definition.AddBeginOfText || definition.BeginOfText >= 0, "begin of text", "is to be added, but no id is given");

        void RequireId(string field, int id) => Require(id >= -1 && id < count, field, $"id {id} is not one of {count} tokens");

        void Require(bool holds, string field, string problem)
        {
            if (!holds)
            {
                throw new ModelFormatException(path, field, -1, problem);
            }
        }
    }

    private void EncodePieces(ReadOnlySpan<char> text, BytePairMerger merger, List<int> tokens)
    {
        while (!text.IsEmpty)
        {
            ReadOnlySpan<char> piece = text[..preTokenizer.PieceLength(text)];
            text = text[piece.Length..];
            if (cache.TryGet(piece, out ReadOnlySpan<int> known))
            {
                tokens.AddRange(known);
                continue;
            }

            int first = tokens.Count;
            EncodePiece(piece, merger, tokens);
            cache.Add(piece, CollectionsMarshal.AsSpan(tokens)[first..]);
        }
    }

    private void EncodePiece(ReadOnlySpan<char> piece, BytePairMerger merger, List<int> tokens)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(piece.Length));
        int count = Encoding.UTF8.GetBytes(piece, bytes);
        int whole = takesWholePieces ? vocabulary.FindBytes(bytes.AsSpan(0, count)) : -1;
        if (whole >= 0 && !IsControl(whole))
        {
            tokens.Add(whole);
        }
        else
        {
            merger.Encode(bytes.AsSpan(0, count), tokens);
        }

        ArrayPool<byte>.Shared.Return(bytes);
    }
}
