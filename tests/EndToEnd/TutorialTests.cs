using System.Globalization;
using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>The figures of the tutorial are those that its first command makes.</summary>
public sealed class TutorialTests
{
    [Fact]
    public void TheTableIsThatOfTheQuickstart()
    {
        using PipelineFolder folder = new();
        Outcome outcome = Akv.Run("run", "evaluate", "--pipeline", folder.Yaml);
        Assert.True(outcome.Code == 0, outcome.Error);
        JsonElement metrics = JsonDocument.Parse(File.ReadAllBytes(folder["evaluate/metrics.json"])).RootElement;
        string[][] rows =
        [
            .. File.ReadLines(Path.Combine(SharedFiles.Repository, "docs/tutorial.md"))
                .Where(line => line.StartsWith("| static-", StringComparison.Ordinal) || line.StartsWith("| learned-", StringComparison.Ordinal))
                .Select(line => line.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
        ];

        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            JsonElement policy = metrics.GetProperty(row[0]);
            // Processors round floats differently, and a controller learns from them.
            bool isLearned = row[0].StartsWith("learned", StringComparison.Ordinal);
            Assert.Equal(policy.GetProperty("perplexity").GetDouble(), Number(row[1]), tolerance: isLearned ? 0.1 : 0.01);
            Assert.Equal(policy.GetProperty("effective_bits").GetDouble(), Number(row[2]), tolerance: isLearned ? 0.15 : 0.006);
            Assert.InRange(policy.GetProperty("kl").GetDouble(), 0.7 * Number(row[3]), (1.4 * Number(row[3])) + 1e-4);
        });
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
