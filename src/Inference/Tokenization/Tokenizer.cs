namespace AdaptiveKv.Inference.Tokenization;

/// <summary>Byte-level BPE (Sennrich et al. 2016; Radford et al. 2019): text to token ids and back.</summary>
public sealed class Tokenizer
{
    /// <summary>Builds the tokenizer.</summary>
    public Tokenizer(TokenizerDefinition definition) => throw new NotImplementedException(definition.PreTokenizer);

    /// <summary>Number of token ids.</summary>
    public int Vocabulary => throw new NotImplementedException();

    /// <summary>Token ids of <paramref name="text"/>.</summary>
    /// <param name="text">Any UTF-16 text.</param>
    /// <param name="parseSpecial">Whether special tokens spelled in the text become their ids.</param>
    public int[] Encode(string text, bool parseSpecial = true) => throw new NotImplementedException();

    /// <summary>The bytes a token stands for (UTF-8 fragments; a special token's literal text).</summary>
    public ReadOnlySpan<byte> Bytes(int token) => throw new NotImplementedException();

    /// <summary>Text of the tokens; invalid UTF-8 becomes U+FFFD.</summary>
    public string Decode(ReadOnlySpan<int> tokens) => throw new NotImplementedException();

    /// <summary>Whether the id is a control token.</summary>
    public bool IsSpecial(int token) => throw new NotImplementedException();

    /// <summary>Whether the id ends a generation (end of text, end of turn).</summary>
    public bool EndsGeneration(int token) => throw new NotImplementedException();
}
