using System.ClientModel;
using System.Diagnostics;
using AdaptiveKv.Tests;
using Microsoft.Extensions.AI;
using OpenAI;

namespace AdaptiveKv.EndToEnd;

/// <summary>Programs that know nothing of akv ask it with the libraries that they have.</summary>
public sealed class ServeClientTests
{
    private const string Key = "a key of the test";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static string Folder => Path.Combine(SharedFiles.Repository, "eng", "openai");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OpenAIsLibraryForJavaScript(bool chat)
    {
        string model = chat ? SharedFiles.SmolLm : SharedFiles.MicroModel;
        RequireLibrary();
        using ServedModel server = new(model, "--api-key", Key, "--policy", chat ? "static-8+sinks1" : "static-16");

        (int code, string output) = Run("node", ["client.mjs", server.Client.BaseAddress!.ToString(), Key, .. chat ? (string[])["chat"] : []]);

        Assert.True(code == 0, output + server.Errors);
        Assert.EndsWith("all as expected\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MicrosoftsClientOfOpenAI()
    {
        using ServedModel server = new(SharedFiles.SmolLm, "--api-key", Key, "--kv-budget", "20MB");
        OpenAIClient openAi = new(new ApiKeyCredential(Key), new OpenAIClientOptions { Endpoint = new Uri(server.Client.BaseAddress!, "v1") });
        using IChatClient client = openAi.GetChatClient("m").AsIChatClient();
        ChatOptions options = new() { Temperature = 0, MaxOutputTokens = 8 };
        ChatMessage[] question = [new(ChatRole.System, "Answer with one word."), new(ChatRole.User, "What is the capital of France?")];

        ChatResponse answer = await client.GetResponseAsync(question, options, TestContext.Current.CancellationToken);
        string streamed = string.Empty;
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(question, options, TestContext.Current.CancellationToken))
        {
            streamed += update.Text;
        }

        Assert.Contains("Paris", answer.Text, StringComparison.Ordinal);
        Assert.Equal(answer.Text, streamed);
        Assert.True(answer.Usage?.OutputTokenCount > 0);
        await Assert.ThrowsAsync<ClientResultException>(() => openAi.GetChatClient("other").AsIChatClient().GetResponseAsync(question, options, TestContext.Current.CancellationToken));
    }

    private static void RequireLibrary()
    {
        Assert.SkipUnless(Run("node", ["--version"]).Code == 0, "needs Node.js");
        string npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        string installed = Path.Combine(Folder, "node_modules", ".package-lock.json");
        if (!File.Exists(installed) || File.GetLastWriteTimeUtc(installed) < File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
        {
            (int code, string output) = Run(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
            Assert.SkipUnless(code == 0, $"needs Node.js and OpenAI's library for it, which npm fetches: {output.ReplaceLineEndings(" ")}");
        }
    }

    private static (int Code, string Output) Run(string program, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = ChildProcess.Start(start);
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            if (!process.WaitForExit(Patience))
            {
                process.Kill(entireProcessTree: true);
            }

            return (process.ExitCode, error.GetAwaiter().GetResult() + output);
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return (-1, exception.Message);
        }
    }
}
