using System.Globalization;
using System.Text.Json;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>The figures of the README are those that its command prints.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public void TheTableIsWhatRunPrints()
    {
        Outcome outcome = Akv.Run("run", "--json");
        Assert.True(outcome.Code == 0, outcome.Error);
        Dictionary<string, JsonElement> printed = JsonDocument.Parse(outcome.Output).RootElement.GetProperty("policies").EnumerateArray()
            .ToDictionary(policy => policy.GetProperty("policy").GetString()!);
        string[][] rows =
        [
            .. File.ReadLines(Path.Combine(SharedFiles.Repository, "README.md"))
                .Where(line => line.StartsWith("| static-", StringComparison.Ordinal))
                .Select(line => line.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
        ];

        Assert.Equal(printed.Keys, rows.Select(row => row[0]));
        Assert.All(rows, row =>
        {
            JsonElement policy = printed[row[0]];
            // One item of 200 is half a point; processors round floats differently.
            Assert.Equal(100 * policy.GetProperty("accuracy").GetProperty("value").GetDouble(), Number(row[1]), tolerance: 1);
            Assert.Equal(policy.GetProperty("effective_bits").GetDouble(), Number(row[2]), tolerance: 0.006);
            Assert.Equal(policy.GetProperty("kv_bytes_per_token").GetDouble(), Number(row[3]), tolerance: 0.6);
        });
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
