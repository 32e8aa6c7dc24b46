using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>Many clients, rude ones among them, and the end of the server: the budget is never exceeded, and slots and bytes come back.</summary>
public sealed class ServeLoadTests
{
    private const string Sentence = "Mia: then ring office. Leo: then coin studio. ";

    private static bool IsSlow => Environment.GetEnvironmentVariable("AKV_SLOW") == "1";

    [Theory]
    [InlineData("--policy", "static-4")]
    [InlineData]
    public async Task ManyStreamsShareABudgetThatIsNeverExceeded(params string[] policy)
    {
        using ServedModel server = new(SharedFiles.MicroModel, ["--kv-budget", "600kB", "--keep", "0", .. policy]);
        Random random = new(5);
        int[] lengths = [.. Enumerable.Range(0, 32).Select(_ => random.Next(1, 30))];

        JsonElement[][] streams = await Task.WhenAll(lengths.Select((length, client) => Task.Run(() => server.Stream(
            "v1/completions",
            new { prompt = $"{client}. {string.Concat(Enumerable.Repeat(Sentence, length))}", max_tokens = 40, temperature = 0.8, stream = true, stream_options = new { include_usage = true } }))));

        Assert.All(streams, stream => Assert.InRange(stream[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32(), 1, 40));
        server.WaitUntilIdle();
        Assert.InRange(server.Metric("akv_cache_peak_bytes"), 100_000, 600_000);
        Assert.Equal(600_000, server.Metric("akv_cache_budget_bytes"));
        Assert.Equal(0, server.Metric("akv_cache_bytes"));
        Assert.True(server.Metric("akv_decode_steps_total") < server.Metric("akv_generated_tokens_total") / 2, "sequences did not decode together");
    }

    [Fact]
    public void WithoutAControllerTheBitsFollowWhatIsLeft()
    {
        using ServedModel server = new(SharedFiles.MicroModel, "--kv-budget", "400kB", "--slots", "2", "--keep", "0");

        double Bits(int sentences) => server.Ask("v1/completions", new { prompt = string.Concat(Enumerable.Repeat(Sentence, sentences)), max_tokens = 8 })
            .GetProperty("usage").GetProperty("kv_cache").GetProperty("effective_bits").GetDouble();

        double[] bits = [Bits(4), Bits(15), Bits(30)];
        Assert.True(bits[0] > bits[1] && bits[1] > bits[2], string.Join(", ", bits));
    }

    [Fact]
    public void WhatNeverFitsIsRefusedWithTheNumberThatDoes()
    {
        using ServedModel server = new(SharedFiles.MicroModel, "--kv-budget", "100kB", "--policy", "static-16");
        using HttpResponseMessage response = server.Post("v1/completions", """{"prompt":"Now ring","max_tokens":900}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("--kv-budget has room for", ServedModel.Body(response), StringComparison.Ordinal);
    }

    [Fact]
    public void AKeyIsRequiredWhereOneIsSet()
    {
        using ServedModel server = new(SharedFiles.MicroModel, "--api-key", "sesame");

        HttpStatusCode Ask(string? authorization)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "v1/models");
            _ = authorization is null || request.Headers.TryAddWithoutValidation("Authorization", authorization);
            using HttpResponseMessage response = server.Client.Send(request);
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, Ask("Bearer sesame"));
        Assert.All((string?[])[null, "sesame", "Bearer ", "Bearer sesam", "Bearer sesame2", "Basic sesame"], wrong => Assert.Equal(HttpStatusCode.Unauthorized, Ask(wrong)));
        Assert.Equal("ok", server.Get("health").GetProperty("status").GetString());
    }

    [Fact]
    public void AFullQueueSaysSo()
    {
        using ServedModel server = new(SharedFiles.MicroModel, "--slots", "1", "--queue", "2");
        Assert.Equal(HttpStatusCode.BadRequest, server.Post("v1/completions", """{"prompt":"Now ring","max_tokens":900,"n":4}""").StatusCode);
        using HttpRequestMessage message = new(HttpMethod.Post, "v1/completions") { Content = JsonContent.Create(new { prompt = "Now ring", max_tokens = 900, n = 3, temperature = 2, stream = true }) };
        using HttpResponseMessage busy = server.Client.Send(message, HttpCompletionOption.ResponseHeadersRead);
        using HttpResponseMessage refused = server.Post("v1/completions", """{"prompt":"Now ring","n":2}""");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Contains("--queue", ServedModel.Body(refused), StringComparison.Ordinal);
    }

    [Fact]
    public void ARequestThatTakesTooLongIsTold()
    {
        using ServedModel server = new(SharedFiles.MicroModel, "--timeout", "1", "--slots", "1", "--keep", "0");
        using HttpResponseMessage late = server.Post("v1/completions", """{"prompt":["a","b","c","d","e","f","g","h"],"n":15,"max_tokens":900,"temperature":2}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, late.StatusCode);
        Assert.Contains("--timeout", ServedModel.Body(late), StringComparison.Ordinal);
        server.WaitUntilIdle();
        Assert.Equal(0, server.Metric("akv_cache_bytes"));
    }

    [Fact]
    public void ClientsThatLeaveOrDoNotReadGiveTheirSlotsBack()
    {
        using ServedModel server = new(SharedFiles.MicroModel, "--slots", "4", "--keep", "0");
        List<Socket> idle = [];
        for (int i = 0; i < (IsSlow ? 100 : 12); i++)
        {
            Socket socket = Connect(server, """{"prompt":"Now ring","max_tokens":900,"temperature":2,"stream":true}""");
            if (i % 4 == 3)
            {
                // Neither reads nor leaves.
                idle.Add(socket);
                continue;
            }

            Assert.True(socket.Receive(new byte[64]) > 0);
            socket.Close(0);
        }

        server.WaitUntilIdle();
        Assert.Equal(0, server.Metric("akv_cache_bytes"));
        Assert.Equal(8, server.Ask("v1/completions", new { prompt = "Now ring", max_tokens = 8, temperature = 2 }).GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        idle.ForEach(socket => socket.Dispose());
        Assert.DoesNotContain("internal error", server.Errors, StringComparison.Ordinal);
    }

    /// <summary>Mixed requests, wrong ones and clients that leave among them: memory is where it was after the first fifth.</summary>
    [Fact]
    public async Task MemoryDoesNotGrow()
    {
        Assert.SkipUnless(IsSlow, "takes minutes: set AKV_SLOW=1");
        const int Wanted = 200_000;
        using ServedModel server = new(SharedFiles.MicroModel, "--kv-budget", "2MB");
        long early = 0;
        for (int round = 0; server.Metric("akv_generated_tokens_total") < Wanted; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(client => Task.Run(() =>
            {
                string prompt = string.Concat(Enumerable.Repeat($"{(round * 7) % 50}. {Sentence}", 1 + ((round + client) % 9)));
                object request = new { prompt, max_tokens = 100 + client, temperature = 1.5, n = 1 + (client % 3), echo = client == 1, logprobs = client == 1 ? 2 : (int?)null };
                switch (client)
                {
                    case 6:
                        server.Post("v1/completions", """{"prompt":"a","stop":5}""").Dispose();
                        break;
                    case 7:
                        using (Socket socket = Connect(server, """{"prompt":"Now ring","max_tokens":400,"temperature":2,"stream":true}"""))
                        {
                            socket.Close(0);
                        }

                        break;
                    default:
                        server.Ask("v1/completions", request);
                        break;
                }
            })));
            server.Process.Refresh();
            early = server.Metric("akv_generated_tokens_total") < Wanted / 5 ? Math.Max(early, server.Process.WorkingSet64) : early;
        }

        server.WaitUntilIdle();
        server.Process.Refresh();
        TestContext.Current.TestOutputHelper?.WriteLine($"{early / 1e6:0.0} MB at most in the first fifth, {server.Process.WorkingSet64 / 1e6:0.0} MB at the end");
        Assert.InRange(server.Process.WorkingSet64, 0, early + 30_000_000);
        Assert.Equal(server.Metric("akv_cache_kept_bytes"), server.Metric("akv_cache_bytes"));
        Assert.InRange(server.Metric("akv_cache_peak_bytes"), 1, 2_000_000);
    }

    [Theory]
    [InlineData("TERM", 75)]
    [InlineData("INT", 130)]
    public async Task ASignalEndsTheServerAndItsStreamsAreTold(string signal, int code)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends POSIX signals");
        using ServedModel server = new(SharedFiles.MicroModel, "--slots", "1", "--keep", "0");
        Signals.RequireHeard(server.Process, signal);
        object request = new { prompt = Enumerable.Range(0, 8).Select(i => $"{i}").ToArray(), max_tokens = 1000, n = 16, temperature = 2, stream = true };
        using HttpRequestMessage message = new(HttpMethod.Post, "v1/completions") { Content = JsonContent.Create(request) };
        using HttpResponseMessage stream = await server.Client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        long start = Stopwatch.GetTimestamp();
        using (Process kill = Process.Start("kill", ["-s", signal, $"{server.Process.Id}"]))
        {
            kill.WaitForExit();
        }

        string text = await stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(server.Process.WaitForExit(TimeSpan.FromSeconds(30)), "did not end");
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5), $"took {Stopwatch.GetElapsedTime(start)}");
        Assert.Equal(code, server.Process.ExitCode);
        Assert.Contains("server_stopping", text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void AnIdleServerEndsWell()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sends POSIX signals");
        using ServedModel server = new(SharedFiles.MicroModel);
        Signals.RequireHeard(server.Process, "TERM");
        using Process kill = Process.Start("kill", [$"{server.Process.Id}"]);

        Assert.True(server.Process.WaitForExit(TimeSpan.FromSeconds(30)), "did not end");
        Assert.Equal(0, server.Process.ExitCode);
    }

    [Fact]
    public void WhatCannotBeServedIsRefused()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();

        Refused(74, "cannot listen there", "--port", $"{((IPEndPoint)taken.LocalEndpoint).Port}");
        Refused(2, "rule-entropy-2-0.9-4", "--kv-budget", "1MB", "--policy", "rule-entropy-2-0.9-4");
        Refused(2, "--host 'example'", "--host", "example");
        Refused(2, "AKV_API_KEY", "--api-key", " ");
    }

    private static void Refused(int code, string words, params string[] arguments)
    {
        Outcome outcome = Akv.Run(["serve", "--model", SharedFiles.MicroModel, .. arguments]);

        Assert.Equal((code, ""), (outcome.Code, outcome.Output));
        string last = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.StartsWith("error: ", last, StringComparison.Ordinal);
        Assert.Contains(words, last, StringComparison.Ordinal);
    }

    private static Socket Connect(ServedModel server, string body)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1024 };
        socket.Connect(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port);
        socket.Send(Encoding.UTF8.GetBytes($"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        return socket;
    }
}
