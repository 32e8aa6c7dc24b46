using System.Text.RegularExpressions;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>What the retraining workflow hands to eng/retrain.sh; the script itself is tested over a pipeline that takes no time.</summary>
public sealed partial class RetrainingTests
{
    [Fact]
    public void TheWorkflowNamesWhatThereIs()
    {
        string workflow = File.ReadAllText(Path.Combine(SharedFiles.Repository, ".github", "workflows", "retrain.yml"));
        Dictionary<string, string> options = Option().Matches(workflow).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

        Assert.True(File.Exists(Path.Combine(SharedFiles.Repository, options["thresholds"])));
        string pipeline = File.ReadAllText(Path.Combine(SharedFiles.Repository, options["pipeline"]));
        Assert.Contains($"metrics: {{metrics: {options["metrics"]}}}", pipeline, StringComparison.Ordinal);
    }

    [GeneratedRegex("--(pipeline|metrics|thresholds) ([^ \n]+)")]
    private static partial Regex Option();
}
