using AdaptiveKv.Inference.Tokenization;

namespace AdaptiveKv.Inference;

/// <summary>A conversation with an instruct model, in the ChatML form of <see cref="ChatPrompt"/>; the cache keeps all of it.</summary>
public sealed class Chat
{
    private readonly AdaptiveSession session;
    private readonly string? system;
    private int[] history = [];
    private Generation? answer;

    /// <summary>Begins a conversation; what the session held is forgotten.</summary>
    /// <param name="session">Serves the conversation alone.</param>
    /// <param name="system">The system message; null for <see cref="ChatPrompt.DefaultSystem"/>.</param>
    /// <exception cref="ArgumentException">The model has no tokens of ChatML.</exception>
    public Chat(AdaptiveSession session, string? system = null)
    {
        ChatPrompt.Require(session.Model.Tokenizer);
        session.Reset();
        (this.session, this.system) = (session, system);
    }

    /// <summary>Asks, and answers as far as the answer is enumerated.</summary>
    /// <param name="question">The user's turn.</param>
    /// <param name="options">How the answer is made; null for the defaults.</param>
    /// <param name="cancellation">Ends the answer after the current token.</param>
    /// <exception cref="ArgumentException">The conversation does not fit the session any more, or options are wrong.</exception>
    public Generation Ask(string question, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        Tokenizer tokenizer = session.Model.Tokenizer;
        int[] whole = answer is null
            ? ChatPrompt.Build(tokenizer, system, question)
            : [.. history, .. answer.Ids, .. ChatPrompt.Next(tokenizer, question)];

        // The last token of an answer that was left early is in nobody's cache.
        Generation next = new(session, whole[session.Cache.Count..], options ?? new GenerationOptions(), cancellation);
        (history, answer) = (whole, next);
        return next;
    }
}
