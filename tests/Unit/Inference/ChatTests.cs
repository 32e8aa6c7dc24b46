using AdaptiveKv.Files;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Templates;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Policies.Budgets;

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

    /// <summary>Every token of twenty turns is run once: what the cache holds is what was read and written, and none of it twice.</summary>
    [Theory]
    [InlineData("static-16")]
    [InlineData("static-4+sinks1+recent8")]
    [InlineData("random-3.5@7")]
    [InlineData("static-3+escalate20")]
    public void Twenty_turns_are_read_once(string policy)
    {
        using AkvModel model = AkvModel.Load(SharedFiles.MicroModel);
        using AdaptiveSession session = model.Open(policy);
        Chat chat = new(session, "Answer.", Plain(model));
        GenerationOptions options = new() { MaxTokens = 8, Sampling = new() { Temperature = 1, Seed = 5 } };
        int run = 0;
        for (int turn = 0; turn < 20; turn++)
        {
            string question = $"Mia: book tower. Now book {turn}";
            Generation answer = chat.Ask(question, options);
            _ = string.Concat(answer);
            run += answer.PromptTokens + answer.Ids.Count;
            Assert.InRange(answer.PromptTokens, 1, (turn == 0 ? 30 : 5) + (2 * question.Length));
            Assert.Equal(run, session.Cache.Count);
        }

        Assert.Equal(41, chat.Messages.Count);
        Assert.Equal(20, chat.Messages.Count(message => message.Role == "assistant"));
    }

    /// <summary>The same with the real model; halfway the conversation is saved, and goes on in another session with the same tokens.</summary>
    [Theory]
    [InlineData("static-4+sinks1+recent8", null)]
    [InlineData("learned+sinks1", null)]
    [InlineData("learned+sinks1", 16_000_000L)]
    public void Twenty_turns_of_the_real_model_are_read_once_and_go_on_elsewhere(string policy, long? budget)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("AKV_SLOW") == "1", "takes half a minute: set AKV_SLOW=1");
        using AkvModel model = AkvModel.Load(SharedFiles.SmolLm);
        using TemporaryFolder folder = new();
        string? controller = policy.StartsWith("learned", StringComparison.Ordinal) ? folder["controller.safetensors"] : null;
        if (controller is not null)
        {
            ControllerFile.Write(controller, BudgetedCache.Controller);
        }

        OpenOptions opened = new() { Controller = controller, MaxTokens = 2048, MaxBytes = budget };
        GenerationOptions options = new() { MaxTokens = 40, Sampling = new() { Temperature = 0.8, Seed = 5 } };
        using AdaptiveSession first = model.Open(policy, opened), second = model.Open(policy, opened);
        Chat chat = new(first, "Answer in one sentence."), other = new(second);
        int run = 0;
        for (int turn = 0; turn < 20; turn++)
        {
            string question = $"Question {turn + 1}: what is {turn} and {2 * turn}, and which of our earlier numbers was larger?";
            int own = model.Weights.ChatTemplate.Encode([new("system", "Answer in one sentence."), new("user", question)]).Length;
            Generation answer = chat.Ask(question, options);
            _ = string.Concat(answer);
            run += answer.PromptTokens + answer.Ids.Count;
            Assert.InRange(answer.PromptTokens, 1, own + 1);
            Assert.Equal(run, first.Cache.Count);
            if (turn >= 10)
            {
                Generation again = other.Ask(question, options);
                _ = string.Concat(again);
                Assert.Equal(answer.PromptTokens, again.PromptTokens);
                Assert.Equal(answer.Ids, again.Ids);
                Assert.Equal(first.Logits.ToArray(), second.Logits.ToArray());
            }
            else if (turn == 9)
            {
                chat.Save(folder["chat"]);
                other.Load(folder["chat"]);
            }
        }

        Assert.Equal(chat.Messages, other.Messages);
        Assert.Equal(41, chat.Messages.Count);
    }

    /// <summary>The whole conversation, given anew as a client does, goes on like the next question; another one shares what is the same.</summary>
    [Fact]
    public void A_conversation_that_is_given_whole_is_not_read_again()
    {
        using AkvModel model = AkvModel.Load(SharedFiles.MicroModel);
        using AdaptiveSession session = model.Open("static-8"); // With fewer bits it matters that a prompt sees itself whole, and what was generated does not.
        Chat chat = new(session, null, Plain(model));
        GenerationOptions options = new() { MaxTokens = 8 };
        _ = string.Concat(chat.Ask("Simon: ring studio. Now ring", options));
        ChatMessage[] next = [.. chat.Messages, new("user", "Mia: book tower. Now book")];

        Generation second = chat.Reply(next, options);
        string text = string.Concat(second);
        Generation again = chat.Reply(next, options);

        Assert.InRange(second.PromptTokens, 1, 40);
        Assert.Equal(1, again.PromptTokens);
        Assert.Equal(text, string.Concat(again));

        Generation other = chat.Reply([next[0], new("assistant", "Something else."), next[2]], options);
        int all = Plain(model).Encode([next[0], new("assistant", "Something else."), next[2]]).Length;
        Assert.InRange(other.PromptTokens, 1, all - 15);
        string fromMemory = string.Concat(other);
        session.Reset();
        Assert.Equal(fromMemory, string.Concat(new Chat(session, null, Plain(model)).Reply([next[0], new("assistant", "Something else."), next[2]], options)));
    }

    /// <summary>What is made less likely are the newest tokens of the conversation, whether they were read just now or are in the cache.</summary>
    [Fact]
    public void A_repetition_penalty_hears_what_the_cache_holds()
    {
        using AkvModel model = AkvModel.Load(SharedFiles.MicroModel);
        using AdaptiveSession session = model.Open("static-16");
        Chat chat = new(session, null, Plain(model));
        ChatMessage[] question = [new("user", "Simon: ring studio. Mia: ring tower. Now ring")];
        GenerationOptions options = new() { MaxTokens = 16, Sampling = new() { RepetitionPenalty = 3 } };
        string first = string.Concat(chat.Reply(question, options));

        Generation again = chat.Reply(question, options);
        string second = string.Concat(again);

        Assert.Equal(1, again.PromptTokens);
        Assert.Equal(first, second);
        Assert.NotEqual(first, string.Concat(chat.Reply(question, new GenerationOptions { MaxTokens = 16 })));
    }

    /// <summary>A template may take white space from an answer's end, a client what a stop text has cut off: the rest is not read again.</summary>
    [Fact]
    public void An_answer_without_its_end_is_kept_as_far_as_it_goes()
    {
        using AkvModel model = AkvModel.Load(SharedFiles.MicroModel);
        using AdaptiveSession session = model.Open("static-4");
        Chat chat = new(session, null, Plain(model));
        ChatMessage question = new("user", "Simon: ring studio. Mia: book Simon. Now ring");
        Generation first = chat.Reply([question], new GenerationOptions { MaxTokens = 20 });
        string said = string.Concat(first);

        Generation second = chat.Reply([question, new("assistant", said[..^3]), new("user", "Now book")], new GenerationOptions { MaxTokens = 8 });
        string text = string.Concat(second);

        Assert.InRange(second.PromptTokens, 1, 20);
        session.Reset();
        Assert.Equal(text, string.Concat(new Generation(session, [.. Plain(model).Encode([question, new("assistant", said[..^3]), new("user", "Now book")])], new() { MaxTokens = 8 }, CancellationToken.None)));
    }

    [Theory]
    [InlineData("static-16")]
    [InlineData("static-4+sinks1+recent8")]
    [InlineData("static-3+escalate20")]
    public void A_saved_conversation_goes_on(string policy)
    {
        using AkvModel model = AkvModel.Load(SharedFiles.MicroModel);
        using TemporaryFolder folder = new();
        GenerationOptions options = new() { MaxTokens = 8, Sampling = new() { Temperature = 1, Seed = 9 } };
        using AdaptiveSession session = model.Open(policy);
        Chat chat = new(session, "Answer.", Plain(model));
        _ = string.Concat(chat.Ask("Simon: ring studio. Now ring", options));
        _ = chat.Ask("Mia: book tower. Now book", options).Take(3).Count();
        chat.Save(folder["chat"]);
        Generation expected = chat.Ask("Now ring", options);
        _ = string.Concat(expected);

        using AdaptiveSession other = model.Open(policy);
        Chat loaded = new(other, null, Plain(model));
        loaded.Load(folder["chat"]);
        Assert.Equal(chat.Messages.SkipLast(2), loaded.Messages);
        Generation got = loaded.Ask("Now ring", options);
        _ = string.Concat(got);

        Assert.Equal(expected.Ids, got.Ids);
        Assert.Equal(expected.PromptTokens, got.PromptTokens);
        session.Save(folder["session"]);
        Assert.Contains("not saved from a chat", Assert.Throws<ModelFormatException>(() => loaded.Load(folder["session"])).Message, StringComparison.Ordinal);
        Assert.Equal(7, loaded.Messages.Count);
    }

    private static ChatTemplate Plain(AkvModel model) => new(MicroChat.Template, model.Weights.Tokenizer);
}
