using System.Text.Json;

namespace AdaptiveKv.EndToEnd;

/// <summary>Policies on the embedded model: what bits save and cost.</summary>
public sealed class EvaluateTests
{
    [Fact]
    public void FewerBitsCostLessMemoryAndTwoBitsCostAnswers()
    {
        Outcome outcome = Akv.Run("evaluate", "--json", "--model", Tests.SharedFiles.MicroModel, "--data", Items, "--limit", "100");

        Assert.True(outcome.Code == 0, outcome.Error);
        JsonElement[] policies = [.. JsonDocument.Parse(outcome.Output).RootElement.GetProperty("policies").EnumerateArray()];
        Assert.Equal(["static-16", "static-8", "static-4", "static-2"], policies.Select(policy => policy.GetProperty("policy").GetString()));
        double[] bits = [.. policies.Select(policy => policy.GetProperty("effective_bits").GetDouble())];
        Assert.Equal(bits.OrderDescending(), bits);
        int[] right = [.. policies.Select(policy => policy.GetProperty("accuracy").GetProperty("successes").GetInt32())];
        Assert.InRange(right[0], 98, 100);
        Assert.InRange(right[2], right[0] - 2, 100);
        Assert.True(right[3] < right[0], $"2 bits: {right[3]} right, 16 bits: {right[0]}");
    }

    [Fact]
    public void TheSameSeedGivesTheSameScores()
    {
        using TemporaryFolder folder = new();
        string[] Scores(string name, string threads)
        {
            string file = folder.PathOf(name);
            Outcome outcome = Akv.Run(
                "evaluate", "--model", Tests.SharedFiles.MicroModel, "--data", Items, "--limit", "20",
                "--policies", "static-4", "--threads", threads, "--scores", file);
            Assert.True(outcome.Code == 0, outcome.Error);
            return [.. File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("log_likelihood").GetRawText())];
        }

        Assert.Equal(Scores("one", "1"), Scores("two", "2"));
    }

    private static string Items => Path.Combine(Tests.SharedFiles.Micro, "items_validation.jsonl");
}
