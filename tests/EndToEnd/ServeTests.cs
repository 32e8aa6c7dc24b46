using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>What <c>akv serve</c> answers to plain requests, right ones and wrong ones.</summary>
public sealed class ServeTests : IClassFixture<ServeTests.Server>
{
    private const string Prompt = "ring library. Leo: lamp office. then lamp library. Mia: then ring office. Now ring";

    private readonly ServedModel server;

    public ServeTests(Server fixture) => server = fixture.Model;

    [Fact]
    public void ACompletionIsThatOfGenerate()
    {
        Outcome generated = Akv.Run("generate", "--json", "--model", SharedFiles.MicroModel, "--prompt", Prompt, "--max-tokens", "24");
        JsonElement answer = server.Ask("v1/completions", new { model = "m", prompt = Prompt, max_tokens = 24, temperature = 0 });

        JsonElement choice = Assert.Single(answer.GetProperty("choices").EnumerateArray());
        JsonElement expected = JsonElement.Parse(generated.Output);
        Assert.Equal(expected.GetProperty("text").GetString(), choice.GetProperty("text").GetString());
        Assert.Equal(expected.GetProperty("end").GetString() == "the model ended its text" ? "stop" : "length", choice.GetProperty("finish_reason").GetString());
        Assert.Equal("text_completion", answer.GetProperty("object").GetString());
        JsonElement usage = answer.GetProperty("usage");
        Assert.Equal(expected.GetProperty("tokens").GetInt32(), usage.GetProperty("completion_tokens").GetInt32());
        Assert.True(usage.GetProperty("kv_cache").GetProperty("effective_bits").GetDouble() >= 16);
    }

    [Fact]
    public void AStreamHasTheSameTextAndStopsBeforeItsStopText()
    {
        string whole = Text(server.Ask("v1/completions", new { prompt = Prompt, max_tokens = 32, temperature = 0 }));
        string stop = whole.Substring(whole.Length / 2, 3);
        string expected = whole[..whole.IndexOf(stop, StringComparison.Ordinal)];

        JsonElement[] events = server.Stream("v1/completions", new { prompt = Prompt, max_tokens = 32, temperature = 0, stream = true, stop, stream_options = new { include_usage = true } });

        Assert.Equal(expected, string.Concat(events[..^1].Select(Text)));
        Assert.Equal("stop", events[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(0, events[^1].GetProperty("choices").GetArrayLength());
        Assert.True(events[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32() > 0);
        Assert.Single(events.Select(part => part.GetProperty("id").GetString()).Distinct());
    }

    [Fact]
    public void ASeedGivesTheSameTextAndSeveralAnswersDiffer()
    {
        object request = new { prompt = Prompt, max_tokens = 24, temperature = 1.5, top_p = 0.95, seed = 7, n = 4 };
        string[] first = Texts(server.Ask("v1/completions", request)), second = Texts(server.Ask("v1/completions", request));

        Assert.Equal(first, second);
        Assert.True(first.Distinct().Count() > 1, first[0]);
        Assert.NotEqual(first, Texts(server.Ask("v1/completions", new { prompt = Prompt, max_tokens = 24, temperature = 1.5, top_p = 0.95, seed = 8, n = 4 })));
    }

    [Fact]
    public void AnEchoScoresThePrompt()
    {
        JsonElement scored = server.Ask("v1/completions", new { prompt = Prompt, max_tokens = 1, temperature = 0, echo = true, logprobs = 2 });
        JsonElement logprobs = scored.GetProperty("choices")[0].GetProperty("logprobs");
        double?[] values = [.. logprobs.GetProperty("token_logprobs").EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? (double?)null : value.GetDouble())];
        string[] tokens = [.. logprobs.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!)];

        Assert.Equal(Text(scored), string.Concat(tokens));
        Assert.StartsWith(Prompt, Text(scored), StringComparison.Ordinal);
        Assert.Null(values[0]);
        Assert.All(values[1..], value => Assert.True(value <= 0));
        Assert.Equal(tokens.Length, scored.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        int[] offsets = [.. logprobs.GetProperty("text_offset").EnumerateArray().Select(value => value.GetInt32())];
        Assert.All(Enumerable.Range(0, tokens.Length), i => Assert.Equal(string.Concat(tokens[..i]).Length, offsets[i]));

        // The token that is generated greedily is the likeliest of its place; each place tells two, and the one that is there.
        JsonElement[] likeliest = [.. logprobs.GetProperty("top_logprobs").EnumerateArray()];
        Assert.Equal(values[^1], likeliest[^1].EnumerateObject().Max(one => one.Value.GetDouble()));
        Assert.All(likeliest[1..], one => Assert.InRange(one.EnumerateObject().Count(), 2, 3));
        Assert.All(Enumerable.Range(1, tokens.Length - 1), i => Assert.Equal(values[i], likeliest[i].GetProperty(tokens[i]).GetDouble()));

        // Without a token to generate the scores are the same.
        JsonElement alone = server.Ask("v1/completions", new { prompt = Prompt, max_tokens = 0, echo = true, logprobs = 2 });
        Assert.Equal(Prompt, Text(alone));
        Assert.Equal(values[1..^1], alone.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray().Skip(1).Select(value => (double?)value.GetDouble()));
    }

    [Fact]
    public void WhatRequestsBeginWithIsReadOnce()
    {
        double before = server.Metric("akv_shared_tokens_total"), read = server.Metric("akv_prompt_tokens_total");
        string beginning = $"Rosa: {string.Join(' ', Enumerable.Repeat("then ring attic. then phone bathroom.", 8))} ";
        string[] texts = [.. ((string[])["Mia: ring", "Mia: ring", "Leo: phone"]).Select(end => Text(server.Ask("v1/completions", new { prompt = beginning + end, max_tokens = 8, temperature = 0 })))];

        Assert.Equal(texts[0], texts[1]);
        double shared = server.Metric("akv_shared_tokens_total") - before;
        double whole = server.Metric("akv_prompt_tokens_total") - read + shared;
        Assert.True(shared > 0.6 * whole, $"{shared} of {whole} tokens were shared");
    }

    [Theory]
    [InlineData("v1/completions", "{", 400, "invalid_json")]
    [InlineData("v1/completions", "[]", 400, "invalid_type")]
    [InlineData("v1/completions", "{}", 400, "'prompt'")]
    [InlineData("v1/completions", """{"prompt":""}""", 400, "at least one token")]
    [InlineData("v1/completions", """{"prompt":[1,2,99999]}""", 400, "99999, which is no token")]
    [InlineData("v1/completions", """{"prompt":[1,"a"]}""", 400, "'prompt'")]
    [InlineData("v1/completions", """{"prompt":"a","max_tokens":"5"}""", 400, "'max_tokens' is a string: expected a whole number")]
    [InlineData("v1/completions", """{"prompt":"a","max_tokens":0}""", 400, "max_tokens")]
    [InlineData("v1/completions", """{"prompt":"a","max_tokens":2000}""", 400, "context_length_exceeded")]
    [InlineData("v1/completions", """{"prompt":"a","temperature":3}""", 400, "expected a number from 0 to 2")]
    [InlineData("v1/completions", """{"prompt":"a","n":17}""", 400, "'n'")]
    [InlineData("v1/completions", """{"prompt":"a","stop":[""]}""", 400, "'stop'")]
    [InlineData("v1/completions", """{"prompt":"a","max_token":1}""", 400, "did you mean 'max_tokens'?")]
    [InlineData("v1/completions", """{"prompt":"a","prompt":"b"}""", 400, "invalid_json")]
    [InlineData("v1/completions", """{"prompt":"a","suffix":"b"}""", 400, "unsupported_parameter")]
    [InlineData("v1/completions", """{"prompt":"\ud800"}""", 400, "surrogate")]
    [InlineData("v1/completions", """{"prompt":"a","model":"gpt-4"}""", 404, "model_not_found")]
    [InlineData("v1/chat/completions", """{"messages":[{"role":"user","content":"a"}]}""", 400, "no_chat_template")]
    [InlineData("v1/chat/completions", """{"messages":[]}""", 400, "'messages'")]
    [InlineData("v1/chat/completions", """{"messages":[{"role":"robot","content":"a"}]}""", 400, "messages[0].role")]
    [InlineData("v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", 400, "messages[0].content[0]")]
    [InlineData("v1/chat/completions", """{"messages":[{"role":"user","content":"a"}],"tools":[{}]}""", 400, "'tools'")]
    [InlineData("v1/embeddings", "{}", 404, "unknown_path")]
    public void WhatIsWrongIsSaidInTheFormOfOpenAI(string path, string body, int status, string words)
    {
        using HttpResponseMessage response = server.Post(path, body);

        Assert.Equal(status, (int)response.StatusCode);
        string text = ServedModel.Body(response);
        JsonElement error = JsonElement.Parse(text).GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Contains(words, error.GetProperty("message").GetString() + " " + error.GetProperty("code").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
    }

    /// <summary>What a client fills in by itself changes nothing, however it is spelled.</summary>
    [Theory]
    [InlineData("""{"prompt":"a","max_tokens":1,"presence_penalty":0.0,"frequency_penalty":0,"logit_bias":{ },"suffix":null,"best_of":1.0,"user":"me"}""")]
    [InlineData("""{"prompt":"a","max_tokens":1,"suffix":"\u0022\u0022","best_of":2}""", 400)]
    [InlineData("""{"prompt":"a","max_tokens":1,"presence_penalty":0.1}""", 400)]
    public void ValuesThatChangeNothingAreTaken(string body, int status = 200)
    {
        using HttpResponseMessage response = server.Post("v1/completions", body);

        Assert.True((int)response.StatusCode == status, ServedModel.Body(response));
    }

    [Fact]
    public void OtherMethodsTypesAndHostsAreRefused()
    {
        using HttpRequestMessage read = new(HttpMethod.Get, "v1/completions");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, server.Client.Send(read, TestContext.Current.CancellationToken).StatusCode);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, server.Post("v1/completions", """{"prompt":"a"}""", "text/plain").StatusCode);
        using HttpRequestMessage elsewhere = new(HttpMethod.Get, "v1/models") { Headers = { Host = "example.org" } };
        Assert.Equal(HttpStatusCode.Forbidden, server.Client.Send(elsewhere, TestContext.Current.CancellationToken).StatusCode);
    }

    [Fact]
    public void AHugeBodyIsRefusedWhetherItsLengthIsSaidOrNot()
    {
        byte[] body = Encoding.UTF8.GetBytes($$"""{"prompt":"{{new string('a', 5 << 20)}}"}""");
        foreach (bool says in (bool[])[true, false])
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "v1/completions") { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.TransferEncodingChunked = !says;
            HttpStatusCode? status = null;
            try
            {
                using HttpResponseMessage response = server.Client.Send(request, TestContext.Current.CancellationToken);
                status = response.StatusCode;
            }
            catch (HttpRequestException)
            {
                // The server hung up on a client that goes on sending.
            }

            Assert.True(status is null or HttpStatusCode.RequestEntityTooLarge, $"{status}");
        }

        Assert.Equal("m", server.Get("v1/models").GetProperty("data")[0].GetProperty("id").GetString());
    }

    private static string Text(JsonElement answer) => Assert.Single(Texts(answer));

    private static string[] Texts(JsonElement answer) => [.. answer.GetProperty("choices").EnumerateArray().Select(choice => choice.GetProperty("text").GetString()!)];

    /// <summary>One server for all tests of the class.</summary>
    public sealed class Server : IDisposable
    {
        internal ServedModel Model { get; } = new(SharedFiles.MicroModel);

        public void Dispose() => Model.Dispose();
    }
}
