using AdaptiveKv.Extensions;
using AdaptiveKv.Inference;
using AdaptiveKv.Unit.Inference;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace AdaptiveKv.Unit.Extensions;

/// <summary>The library as a chat client, on the micro model with a template.</summary>
public sealed class AdaptiveKvChatClientTests : IDisposable
{
    private const string Question = "Simon: ring studio. Mia: book Simon. Now ring";

    private readonly MicroChat micro = new();
    private readonly AkvModel model;
    private readonly AdaptiveSession session;

    public AdaptiveKvChatClientTests()
    {
        model = AkvModel.Load(micro.Path);
        session = model.Open("static-4+sinks1");
    }

    public void Dispose()
    {
        session.Dispose();
        model.Dispose();
        micro.Dispose();
    }

    [Fact]
    public async Task An_answer_comes_with_usage_and_what_the_cache_takes()
    {
        using AdaptiveKvChatClient client = new(session);
        ChatOptions options = new() { MaxOutputTokens = 8 };

        ChatResponse first = await client.GetResponseAsync([new(ChatRole.User, Question)], options, TestContext.Current.CancellationToken);

        Assert.NotEmpty(first.Text);
        int prompt = model.Weights.ChatTemplate.Encode([new("user", Question)]).Length;
        Assert.Equal((prompt, 0, 8, prompt + 8), (first.Usage!.InputTokenCount, first.Usage.CachedInputTokenCount, first.Usage.OutputTokenCount, first.Usage.TotalTokenCount));
        Assert.Equal(ChatFinishReason.Length, first.FinishReason);
        Assert.Equal(session.Statistics().EffectiveBits, first.AdditionalProperties![AdaptiveKvChatClient.CacheBits]);
        Assert.Equal(session.Statistics().Bytes, first.AdditionalProperties[AdaptiveKvChatClient.CacheBytes]);

        ChatMessage[] next = [new(ChatRole.User, Question), .. first.Messages, new(ChatRole.User, "Now book")];
        ChatResponse second = await client.GetResponseAsync(next, options, TestContext.Current.CancellationToken);
        Assert.InRange(second.Usage!.InputTokenCount!.Value - second.Usage.CachedInputTokenCount!.Value, 1, 25);
        Assert.NotEqual(first.ResponseId, second.ResponseId);
        Assert.Equal("micro", client.GetService<ChatClientMetadata>()!.DefaultModelId![..5]);
        Assert.Same(session, client.GetService<AdaptiveSession>());
    }

    [Fact]
    public async Task Pieces_are_those_of_the_answer()
    {
        using AdaptiveKvChatClient client = new(session);
        ChatOptions options = new() { MaxOutputTokens = 12, Temperature = 0.7f, TopP = 0.9f, TopK = 40, Seed = 4, StopSequences = ["zzz"] };
        List<ChatResponseUpdate> updates = [];
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([new(ChatRole.User, Question)], options, TestContext.Current.CancellationToken))
        {
            updates.Add(update);
        }

        GenerationOptions own = new() { MaxTokens = 12, Sampling = new() { Temperature = 0.7, TopP = 0.9, TopK = 40, Seed = 4 } };
        Assert.Equal(string.Concat(new Chat(session).Ask(Question, own)), string.Concat(updates.Select(update => update.Text)));
        Assert.True(updates.Count > 3);
        Assert.Single(updates, update => update.FinishReason is not null);
        Assert.Single(updates.Where(update => update.Text.Length > 0).Select(update => update.MessageId).Distinct());
    }

    [Fact]
    public async Task Requests_wait_for_each_other_and_can_be_cancelled()
    {
        using AdaptiveKvChatClient client = new(session);
        ChatOptions options = new() { MaxOutputTokens = 16 };
        string[] alone = [];
        foreach (string question in (string[])["Now ring", "Now book", "Mia: book tower. Now book"])
        {
            alone = [.. alone, (await client.GetResponseAsync([new(ChatRole.User, question)], options, TestContext.Current.CancellationToken)).Text];
        }

        ChatResponse[] together = await Task.WhenAll(((string[])["Now ring", "Now book", "Mia: book tower. Now book"]).Select(question =>
            client.GetResponseAsync([new(ChatRole.User, question)], options, TestContext.Current.CancellationToken)));
        Assert.Equal(alone, together.Select(response => response.Text));

        using CancellationTokenSource stop = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync([new(ChatRole.User, Question)], options, stop.Token))
            {
                await stop.CancelAsync();
            }
        });
        Assert.Equal(alone[0], (await client.GetResponseAsync([new(ChatRole.User, "Now ring")], options, TestContext.Current.CancellationToken)).Text);
    }

    [Fact]
    public async Task What_a_session_does_not_do_is_refused()
    {
        using AdaptiveKvChatClient client = new(session);
        ChatMessage[] asked = [new(ChatRole.User, Question)];
        ChatOptions[] wrong =
        [
            new() { Tools = [AIFunctionFactory.Create(() => 1, "one")] }, new() { ResponseFormat = ChatResponseFormat.Json }, new() { FrequencyPenalty = 1 }, new() { PresencePenalty = 1 },
        ];

        foreach (ChatOptions options in wrong)
        {
            await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(asked, options, TestContext.Current.CancellationToken));
        }

        await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync([new(ChatRole.User, [new UriContent("http://localhost/a.png", "image/png")])], cancellationToken: TestContext.Current.CancellationToken));
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(() => client.GetResponseAsync(asked, new() { Temperature = -1 }, TestContext.Current.CancellationToken));
        Assert.Contains("temperature -1", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty((await client.GetResponseAsync(asked, new() { Instructions = "Answer.", MaxOutputTokens = 4 }, TestContext.Current.CancellationToken)).Text);
    }

    [Fact]
    public async Task A_service_collection_has_it_in_one_line()
    {
        using ServiceProvider services = new ServiceCollection().AddAdaptiveKv(micro.Path, "static-4+sinks1", new() { MaxTokens = 200 }, new() { MaxTokens = 5 }).BuildServiceProvider();

        ChatResponse response = await services.GetRequiredService<IChatClient>().GetResponseAsync(Question, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(5, response.Usage!.OutputTokenCount);
        Assert.Equal(200, services.GetRequiredService<AdaptiveSession>().Cache.MaxTokens);
    }
}
