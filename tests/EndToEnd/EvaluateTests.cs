using System.Text.Json;

namespace AdaptiveKv.EndToEnd;

/// <summary>Policies on the embedded model: what bits save and cost.</summary>
public sealed class EvaluateTests
{
    [Fact]
    public void FewerBitsCostLessMemoryAndTwoBitsCostAnswers()
    {
        Outcome outcome = Akv.RunHere("evaluate", "--json", "--model", Tests.SharedFiles.MicroModel, "--data", Items, "--limit", "100");

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
            Outcome outcome = Akv.RunHere(
                "evaluate", "--model", Tests.SharedFiles.MicroModel, "--data", Items, "--limit", "20",
                "--policies", "static-4", "--threads", threads, "--scores", file);
            Assert.True(outcome.Code == 0, outcome.Error);
            return [.. File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("log_likelihood").GetRawText())];
        }

        Assert.Equal(Scores("one", "1"), Scores("two", "2"));
    }

    [Fact]
    public void ShotsAreSaidAndFillTheCache()
    {
        JsonElement Evaluate(params string[] more)
        {
            Outcome outcome = Akv.RunHere(["evaluate", "--json", "--model", Tests.SharedFiles.MicroModel, "--data", Items, "--limit", "10", "--policies", "static-16,static-2", .. more]);
            Assert.True(outcome.Code == 0, outcome.Error);
            return JsonDocument.Parse(outcome.Output).RootElement;
        }

        double Bits(JsonElement report) => report.GetProperty("policies")[1].GetProperty("effective_bits").GetDouble();

        JsonElement plain = Evaluate(), shots = Evaluate("--shots", "3");

        Assert.False(plain.TryGetProperty("shots", out _));
        Assert.Equal(3, shots.GetProperty("shots").GetInt32());

        // No room is left unused, however short a text is.
        Assert.Equal((2.25, 2.25), (Bits(shots), Bits(plain)));
        Assert.Equal(Bits(shots), Bits(Evaluate("--shots", "3", "--shot-items", Items)));
    }

    [Fact]
    public void ShotsThatGiveAnAnswerAwayAreRefused()
    {
        Outcome outcome = Akv.RunHere("evaluate", "--model", Tests.SharedFiles.MicroModel, "--data", Items, "--shots", "3");

        Assert.Equal(2, outcome.Code);
        Assert.Contains("limit the items so that 3 are left over, or take the shots from another file", outcome.Error, StringComparison.Ordinal);
    }

    private static string Items => Path.Combine(Tests.SharedFiles.Micro, "items_validation.jsonl");
}
