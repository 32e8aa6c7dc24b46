using System.Text;
using System.Text.Unicode;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.Server.Scheduling;
using AdaptiveKv.Server.Wire;

namespace AdaptiveKv.Server;

/// <summary>Tokens of one text as clients read them, with log-probabilities.</summary>
/// <param name="tokenizer">The model's.</param>
internal sealed class TokenTexts(Tokenizer tokenizer)
{
    private readonly TextStream text = new(tokenizer);
    private int offset;

    /// <summary>The form of plain completions.</summary>
    public LogprobsDocument Plain(IReadOnlyList<ScoredToken> tokens) => new()
    {
        Tokens = [.. tokens.Select(token => Text(token.Id))],
        TokenLogprobs = [.. tokens.Select(token => token.LogProbability)],
        TopLogprobs = [.. tokens.Select(Likeliest)],
        TextOffset = [.. tokens.Select(Offset)],
    };

    /// <summary>The form of chats.</summary>
    public LogprobsDocument Chat(IReadOnlyList<ScoredToken> tokens) => new()
    {
        Content = [.. tokens.Select(token => Entry(token.Id, token.LogProbability ?? 0) with { TopLogprobs = [.. token.Likeliest.Select(likely => Entry(likely.Id, likely.LogProbability))] })],
    };

    // Of tokens with one text the likeliest counts; the token that is there always does.
    private Dictionary<string, double>? Likeliest(ScoredToken token)
    {
        if (token.LogProbability is not { } own)
        {
            return null;
        }

        Dictionary<string, double> told = [];
        foreach ((int id, double probability) in token.Likeliest.Append((token.Id, own)))
        {
            told.TryAdd(Text(id), probability);
        }

        return told;
    }

    private LogprobsDocument.Entry Entry(int id, double probability) => new(Text(id), probability, [.. tokenizer.Bytes(id).ToArray().Select(value => (int)value)]);

    // Characters as Unicode counts them.
    private int Offset(ScoredToken token)
    {
        int before = offset;
        foreach (char part in text.Append(token.Id))
        {
            offset += char.IsLowSurrogate(part) ? 0 : 1;
        }

        return before;
    }

    // A part of a character is no text: OpenAI writes its bytes.
    private string Text(int id)
    {
        ReadOnlySpan<byte> bytes = tokenizer.Bytes(id);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : "bytes:" + string.Concat(bytes.ToArray().Select(value => $"\\x{value:x2}"));
    }
}
