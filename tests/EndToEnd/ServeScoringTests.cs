using System.Text.Json;
using AdaptiveKv.Data.Tasks;
using AdaptiveKv.Inference.Decoding;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>Multiple choice over HTTP, asked as lm-evaluation-harness's local-completions does, gives the choices of <c>akv evaluate</c>.</summary>
public sealed class ServeScoringTests
{
    [Theory]
    [InlineData("static-16", 12)]
    [InlineData("static-3+sinks1", 12)]
    public void TheMicroModelChoosesAlike(string policy, int items) => Compare(SharedFiles.MicroModel, Path.Combine(SharedFiles.Micro, "items_validation.jsonl"), policy, items);

    [Fact]
    public void SmolLmChoosesAlikeOnHellaSwag() => Compare(
        SharedFiles.SmolLm, SharedFiles.Require("data/hellaswag_val.jsonl"), "static-16", Environment.GetEnvironmentVariable("AKV_SLOW") == "1" ? 100 : 2);

    private static void Compare(string model, string data, string policy, int count)
    {
        using TemporaryFolder folder = new();
        string scores = folder.PathOf("scores.jsonl");
        Outcome outcome = Akv.RunHere("evaluate", "--model", model, "--data", data, "--limit", $"{count}", "--policies", policy, "--scores", scores);
        Assert.True(outcome.Code == 0, outcome.Error);
        JsonElement[] expected = [.. File.ReadLines(scores).Select(line => JsonElement.Parse(line))];
        Dictionary<string, MultipleChoiceItem> byId = ItemFile.Read(data).Items.ToDictionary(item => item.Id);
        using LlamaModel tokens = LlamaModel.Load(model);
        using ServedModel server = new(model, "--policy", policy);

        Assert.Equal(count, expected.Length);
        foreach ((int index, JsonElement score) in expected.Index())
        {
            EncodedItem item = EncodedItem.Encode(byId[score.GetProperty("item").ToString()], text => tokens.Tokenizer.Encode(text));
            double[] wanted = [.. score.GetProperty("log_likelihood").EnumerateArray().Select(value => value.GetDouble())];

            // A token is generated and left out, or none is; prompts are tokens, or texts.
            double[] got = Score(server, item, maxTokens: index % 2, index % 3 == 0 ? ids => tokens.Tokenizer.Decode(ids) : ids => ids);

            Assert.All(wanted.Zip(got), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
            Assert.Equal(wanted.Index().MaxBy(one => one.Item).Index, got.Index().MaxBy(one => one.Item).Index);
        }
    }

    private static double[] Score(ServedModel server, EncodedItem item, int maxTokens, Func<int[], object> form)
    {
        object[] prompts = [.. item.Endings.Select(ending => form([.. item.Context, .. ending]))];
        JsonElement answer = server.Ask("v1/completions", new { model = "m", prompt = prompts, temperature = 0, max_tokens = maxTokens, logprobs = 1, seed = 1234, echo = true });
        return
        [
            .. answer.GetProperty("choices").EnumerateArray().OrderBy(choice => choice.GetProperty("index").GetInt32()).Select((choice, index) =>
            {
                JsonElement[] values = [.. choice.GetProperty("logprobs").GetProperty("token_logprobs").EnumerateArray()];
                Assert.Equal(item.Context.Length + item.Endings[index].Length + maxTokens, values.Length);
                return values[item.Context.Length..(item.Context.Length + item.Endings[index].Length)].Sum(value => value.GetDouble());
            }),
        ];
    }
}
