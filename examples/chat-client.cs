#:project ../src/Extensions/Extensions.csproj
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false

// Two questions through IChatClient: dotnet run -c Release examples/chat-client.cs MODEL
using AdaptiveKv.Extensions;
using AdaptiveKv.Inference;
using Microsoft.Extensions.AI;

using AkvModel model = AkvModel.Load(args[0]);
using AdaptiveSession session = model.Open("static-4+sinks1+recent8");
using AdaptiveKvChatClient client = new(session);
List<ChatMessage> talk = [];
foreach (string question in (string[])["What is the capital of France?", "And of Italy?"])
{
    talk.Add(new(ChatRole.User, question));
    ChatResponse answer = await client.GetResponseAsync(talk, new() { MaxOutputTokens = 40 });
    talk.AddMessages(answer);
    Console.WriteLine($"{question} {answer.Text} [{answer.Usage!.CachedInputTokenCount} of {answer.Usage.InputTokenCount} tokens were in the cache, which has {answer.AdditionalProperties![AdaptiveKvChatClient.CacheBits]:0.00} bits per element]");
}
