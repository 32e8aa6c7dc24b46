using System.Text;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Tokenization;
using AdaptiveKv.Server.Scheduling;
using AdaptiveKv.Server.Wire;

namespace AdaptiveKv.Server;

/// <summary>The answer to one request while it grows: a chat's or a plain one, whole or in parts.</summary>
/// <param name="id">Names it.</param>
/// <param name="isChat">Whether it is a chat's.</param>
/// <param name="model">Name of the model.</param>
/// <param name="created">Seconds since 1970.</param>
/// <param name="tokenizer">The model's.</param>
/// <param name="echoes">What each choice begins with: empty, or its prompt.</param>
/// <param name="hasLogprobs">Whether log-probabilities were asked for.</param>
internal sealed class Answer(string id, bool isChat, string model, long created, Tokenizer tokenizer, IReadOnlyList<string> echoes, bool hasLogprobs)
{
    private readonly TokenTexts[] texts = [.. echoes.Select(_ => new TokenTexts(tokenizer))];
    private readonly bool[] begun = new bool[echoes.Count];
    private readonly SequenceResult?[] results = new SequenceResult?[echoes.Count];

    /// <summary>What has ended.</summary>
    public IReadOnlyList<SequenceResult> Results => [.. results.OfType<SequenceResult>()];

    /// <summary>Whether all choices have ended.</summary>
    public bool IsWhole => Array.TrueForAll(results, result => result is not null);

    /// <summary>A part that is sent as it comes.</summary>
    public AnswerDocument Part(Piece piece)
    {
        int index = piece.Index;
        results[index] = piece.Result;
        string text = begun[index] ? piece.Text : echoes[index] + piece.Text;
        AnswerDocument.Message delta = new(begun[index] ? null : "assistant", text.Length > 0 || !begun[index] ? text : null);
        begun[index] = true;
        return Document(isChat ? "chat.completion.chunk" : "text_completion", [Choice(piece, isChat ? null : text) with { Delta = isChat ? delta : null }], null);
    }

    /// <summary>The last part, with what was used.</summary>
    public AnswerDocument Used() => Document(isChat ? "chat.completion.chunk" : "text_completion", [], Usage());

    /// <summary>The whole answer.</summary>
    /// <param name="pieces">All pieces of all choices.</param>
    public AnswerDocument Whole(IEnumerable<Piece> pieces) => Document(isChat ? "chat.completion" : "text_completion", [.. pieces.GroupBy(piece => piece.Index).OrderBy(all => all.Key).Select(Join)], Usage());

    private AnswerDocument.Choice Join(IEnumerable<Piece> all)
    {
        StringBuilder text = new();
        List<ScoredToken> tokens = [];
        Piece last = all.First();
        foreach (Piece piece in all)
        {
            text.Append(piece.Text);
            tokens.AddRange(piece.Tokens);
            last = piece;
        }

        results[last.Index] = last.Result;
        string whole = echoes[last.Index] + text;
        return Choice(last with { Tokens = tokens }, isChat ? null : whole) with { Message = isChat ? new("assistant", whole) : null };
    }

    private AnswerDocument.Choice Choice(Piece piece, string? text) => new(piece.Index)
    {
        Text = text,
        Logprobs = !hasLogprobs ? null : isChat ? texts[piece.Index].Chat(piece.Tokens) : texts[piece.Index].Plain(piece.Tokens),
        FinishReason = piece.Result?.End switch
        {
            null => null,
            GenerationEnd.EndOfText or GenerationEnd.Stopped => "stop",
            _ => "length",
        },
    };

    private AnswerDocument Document(string kind, IReadOnlyList<AnswerDocument.Choice> choices, UsageDocument? usage) => new(id, kind, created, model, choices, usage);

    // Several answers to a prompt read it once.
    private UsageDocument Usage()
    {
        IReadOnlyList<SequenceResult> all = Results;
        int prompt = all.Sum(result => result.PromptTokens);
        int tokens = all.Sum(result => result.Tokens);
        long elements = all.Sum(result => result.Elements);
        long bytes = all.Sum(result => result.Bytes);
        return new UsageDocument(
            prompt,
            tokens,
            prompt + tokens,
            new UsageDocument.Details(all.Sum(result => result.Shared)),
            new UsageDocument.Cache(string.Join(", ", all.Select(result => result.Policy).Distinct()), bytes, elements > 0 ? Math.Round(bytes * 8.0 / elements, 3) : 0));
    }
}
