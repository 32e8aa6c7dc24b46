#:project ../src/Inference/Inference.csproj
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false

// Continues a text with a cache of 4 bits, says what the cache takes, and asks a chat model two questions:
//
//   dotnet run -c Release examples/generate.cs MODEL [TEXT]
//
// MODEL is a .gguf file or a Hugging Face folder; './akv model pull smollm2-135m-instruct' fetches one.

using AdaptiveKv.Inference;
using AdaptiveKv.KvCache;

if (args.Length == 0)
{
    Console.Error.WriteLine("error: no model: dotnet run -c Release examples/generate.cs MODEL [TEXT]");
    return 2;
}

using AkvModel model = AkvModel.Load(args[0]);
string text = args.Length > 1 ? args[1] : "Once upon a time";

// The same text at 16 bits, and at 4 with the first token at 16.
foreach (string policy in (string[])["static-16", "static-4+sinks1"])
{
    using AdaptiveSession session = model.Open(policy, new OpenOptions { MaxTokens = 256 });
    Console.Write($"{policy}: {text}");
    foreach (string piece in session.Generate(text, new GenerationOptions { MaxTokens = 40 }))
    {
        Console.Write(piece);
    }

    CacheStatistics cache = session.Statistics();
    Console.WriteLine($"\n[{cache.Tokens} tokens, {cache.EffectiveBits:0.00} bits for each number that is cached, {cache.Bytes / 1000} kB]\n");
}

// A conversation keeps its turns in the cache.
if (model.Weights.IsChatModel)
{
    using AdaptiveSession session = model.Open("static-4+sinks1+recent8");
    Chat chat = new(session);
    foreach (string question in (string[])["What is the capital of France?", "And of Italy?"])
    {
        Console.WriteLine($"> {question}");
        foreach (string piece in chat.Ask(question, new GenerationOptions { MaxTokens = 60 }))
        {
            Console.Write(piece);
        }

        Console.WriteLine();
    }
}

return 0;
