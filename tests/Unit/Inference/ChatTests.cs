using AdaptiveKv.Inference;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Inference;

/// <summary>Conversations with the instruct model.</summary>
public sealed class ChatTests
{
    [Fact]
    public void A_further_question_sees_what_was_said()
    {
        using AkvModel model = AkvModel.Load(SharedFiles.SmolLm);
        using AdaptiveSession session = model.Open("static-16", new OpenOptions { MaxTokens = 256 });
        Chat chat = new(session);
        GenerationOptions options = new() { MaxTokens = 12 };

        string first = string.Concat(chat.Ask("What is the capital of France?", options));
        Generation second = chat.Ask("And of Italy?", options);
        string answer = string.Concat(second);

        Assert.Contains("Paris", first, StringComparison.Ordinal);
        Assert.Contains("Rome", answer, StringComparison.Ordinal);

        // The same conversation read at once ends in the same answer.
        int[] whole = model.Weights.ChatTemplate.Encode([new("user", "What is the capital of France?"), new("assistant", first), new("user", "And of Italy?")]);
        session.Reset();
        Assert.Equal(second.Ids, new Generation(session, whole, options, CancellationToken.None).Tokens());
    }

    [Fact]
    public void An_answer_that_is_left_early_is_part_of_what_was_said()
    {
        using AkvModel model = AkvModel.Load(SharedFiles.SmolLm);
        using AdaptiveSession session = model.Open("static-8", new OpenOptions { MaxTokens = 256 });
        Chat chat = new(session);
        Generation first = chat.Ask("What is the capital of France?");
        Assert.Equal(2, first.Take(2).Count());
        int before = session.Cache.Count;

        Generation second = chat.Ask("And of Italy?", new GenerationOptions { MaxTokens = 1 });
        _ = string.Concat(second);

        int[] turn = model.Weights.Tokenizer.EncodeFragment("<|im_end|>\n<|im_start|>user\nAnd of Italy?<|im_end|>\n<|im_start|>assistant\n");
        Assert.Equal(first.PromptTokens + 1, before);
        Assert.Equal(turn.Length + 1, second.PromptTokens);
        Assert.Equal(before + second.PromptTokens + 1, session.Cache.Count);
    }
}
