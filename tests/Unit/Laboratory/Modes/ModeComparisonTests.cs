using System.Text.Json;
using AdaptiveKv.Cli;
using AdaptiveKv.Laboratory;
using AdaptiveKv.Laboratory.Modes;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Cli;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Policies.Budgets;
using AdaptiveKv.Unit.Policies.Control;

namespace AdaptiveKv.Unit.Laboratory.Modes;

/// <summary><c>laboratory modes</c> on the embedded model.</summary>
public sealed class ModeComparisonTests : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly TemporaryFolder folder = new();

    public ModeComparisonTests()
    {
        // Scaled to what the embedded model shows, so that choices hang on it.
        Controller random = Sample.Controller([SaliencyFeature.Entropy, SaliencyFeature.Surprisal, SaliencyFeature.Confidence], 16);
        FeatureScale[] scales = [new(SaliencyFeature.Entropy, 1.5f, 1f), new(SaliencyFeature.Surprisal, 1.5f, 1.5f), new(SaliencyFeature.Confidence, 0.5f, 0.3f)];
        ControllerFile.Write(folder["controller.safetensors"], BudgetedCache.Measured(new Controller(scales, random.Layers, random.Tiers, random.Record)));
    }

    private static string Items => Path.Combine(SharedFiles.Micro, "items_validation.jsonl");

    public void Dispose()
    {
        terminal.Dispose();
        folder.Dispose();
    }

    /// <summary>Where tiers are known beforehand the modes are one arithmetic; where features decide they may part.</summary>
    [Fact]
    public void Static_tiers_agree_and_a_controllers_nearly_do()
    {
        Assert.Equal(ExitCode.Done, Run("--json"));

        JsonElement report = JsonElement.Parse(terminal.Output);
        Assert.Equal((8, 8, 16), (report.GetProperty("items_wanted").GetInt32(), report.GetProperty("items_done").GetInt32(), report.GetProperty("items").GetArrayLength()));
        JsonElement[] policies = [.. report.GetProperty("policies").EnumerateArray()];
        Assert.Equal(["static-4+sinks1", "learned-3.5+sinks1"], policies.Select(policy => policy.GetProperty("policy").GetString()));
        Assert.Equal((1, 0, 0), (Agreement(policies[0]), policies[0].GetProperty("flips").GetInt32(), policies[0].GetProperty("flips_norm").GetInt32()));
        Assert.InRange(Number(policies[0], "log_likelihood_difference"), 0, 0.01);
        Assert.InRange(Agreement(policies[1]), 0.7, 0.999);
        Assert.InRange(Number(policies[1], "log_likelihood_difference"), 1e-4, 2);
        Assert.True(Number(policies[1], "largest_difference") >= Number(policies[1], "log_likelihood_difference"));
        Assert.All(policies, policy => Assert.InRange(Number(policy, "decode_kl") / Number(policy, "two_pass_kl"), 0.5, 2));
    }

    [Fact]
    public void The_table_holds_the_sums_and_every_item()
    {
        Assert.Equal(ExitCode.Done, Run("--markdown"));

        Assert.StartsWith("**micro-ledger.gguf on items_validation.jsonl: decode against two-pass mode, 8 items**", terminal.Output, StringComparison.Ordinal);
        Assert.Contains("PARTIAL: 8 of 1000 items", terminal.Output, StringComparison.Ordinal);
        Assert.Contains("a policy sees features of the quantized run itself; two-pass: it sees those of a first pass at 16 bits", terminal.Output, StringComparison.Ordinal);
        Assert.Equal((9, 9), (terminal.Output.Split("| learned-3.5+sinks1 |").Length - 1, terminal.Output.Split("| static-4+sinks1 |").Length - 1));
    }

    [Fact]
    public void Choices_that_differ_are_flips()
    {
        ModeDifference Of(int decode, int twoPass, double difference) => new(
            "i", "p", 1, new ModeChoice(decode, 0, decode, 4, new(2, 3, 4)), new ModeChoice(twoPass, 0, twoPass, 5, new(4, 3, 4)), difference, 10, 9);

        ModeSummary summary = ModeSummary.Of([Of(1, 1, 0.5), Of(1, 0, 0.25), Of(2, 1, 0)]);

        Assert.Equal((2, 0, 2, 2), (summary.FlipsBytes, summary.DecodeNorm.Successes, summary.DecodeBytes.Successes, summary.TwoPassBytes.Successes));
        Assert.Equal((2, 0, 2, 2), (summary.Flips, summary.FlipsNorm, summary.Decode.Successes, summary.TwoPass.Successes));
        Assert.Equal((0.25, 0.5, 0.9), (summary.LogLikelihoodDifference, summary.LargestDifference, summary.TierAgreement.Value));
        Assert.Equal((0.5, 1.0, 4.0, 5.0), (summary.DecodeKl, summary.TwoPassKl, summary.DecodeBits, summary.TwoPassBits));
    }

    [Theory]
    [InlineData("--mode", "decode", "; did you mean '--model'?")]
    [InlineData("--scores", "scores.jsonl", "; see 'laboratory modes --help'")]
    public void A_mode_or_scores_cannot_be_asked_for(string option, string value, string remedy)
    {
        Assert.Equal(ExitCode.Usage, Run(option, value));
        Assert.Equal($"error: laboratory modes: unknown option '{option}'{remedy}", Assert.Single(terminal.ErrorLines));
    }

    private static double Agreement(JsonElement policy) => policy.GetProperty("tier_agreement").GetProperty("value").GetDouble();

    private static double Number(JsonElement policy, string name) => policy.GetProperty(name).GetDouble();

    private int Run(params string[] options) => Experiments.Run(
        [
            "modes", "-m", SharedFiles.MicroModel, "--data", Items, "--limit", "8", "--sinks", "1",
            "--policies", "static-4,learned-3.5", "--controller", folder["controller.safetensors"], .. options,
        ],
        terminal.Terminal);
}
