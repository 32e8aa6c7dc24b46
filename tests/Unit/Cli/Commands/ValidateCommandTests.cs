using AdaptiveKv.Cli;
using AdaptiveKv.Cli.Commands;
using AdaptiveKv.Pipeline.Stages;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Cli.Commands;

/// <summary>On the stages of the product: what each would refuse of its params is said before anything runs.</summary>
public sealed class ValidateCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();
    private readonly string folder = Directory.CreateTempSubdirectory("akv-validate-").FullName;

    private static string OverItems { get; } = Path.Combine(SharedFiles.Repository, "tests", "Unit", "Cli", "Commands", "items.yaml");

    public void Dispose()
    {
        terminal.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_good_pipeline_has_no_faults() => Assert.Equal(ExitCode.Done, CommandLine.Run(["validate", "--pipeline", OverItems], terminal.Terminal));

    [Theory]
    [InlineData("calibrate.window=2000", "window", "2000 tokens are more than the 1024 that the model's context holds")]
    [InlineData("calibrate.tokens=10000000", "tokens", "too few for 10000000 tokens: take more items or fewer tokens")]
    [InlineData("calibrate.tokens=5000000000", "tokens", "is '5000000000': expected a whole number of at least 1 (tokens), and at most 2147483647")]
    [InlineData("calibrate.seed=-1", "seed", "is '-1': expected a whole number of at least 0")]
    [InlineData("collect.tiers=[2, 5]", "tiers[1]", "'5': expected some of 0, 2, k3v2, 3, k4v3, 4, 8, 16")]
    [InlineData("collect.tiers=[]", "tiers", "has 0 elements: expected 1 or more, each a text (bits)")]
    [InlineData("collect.operating=statc-4", "operating", "unknown policy 'statc-4': did you mean 'static-4'?")]
    [InlineData("collect.operating=rule-entropy-2-0.9-4", "operating", "'rule-entropy-2-0.9-4' looks at tokens: expected a policy by position alone")]
    [InlineData("collect.operating=static-4+recent8", "operating", "'static-4+recent8' looks at tokens")]
    [InlineData("collect.operating=learned-3", "operating", "policy 'learned-3' needs a controller")]
    [InlineData("collect.shots=5000", "shots", "shots 5000: their file has 2000 items: take fewer shots, or another file")]
    [InlineData("collect.skip=2000", "skip", "skip 2000: the file has 2000 items: none is left")]
    [InlineData("collect.part=[0, 0.5]", "part", "is of a plain text, and ")]
    [InlineData("collect.part=[0.5, 0.5]", "part", "is [0.5, 0.5]: expected two shares, the second above the first, such as [0, 0.75]")]
    [InlineData("collect.part=[0.5]", "part", "is [0.5]: expected two shares")]
    [InlineData("collect.part=[0, 1.5]", "part[1]", "is '1.5': expected a number from 0 to 1")]
    [InlineData("evaluate.part=[0, 0.5]", "part", "is of a plain text, and ")]
    [InlineData("collect.shortest=64", "shortest", "is of the windows of a plain text, and ")]
    [InlineData("collect.shortest=300", "shortest", "is 300, and window 256: expected no more than that")]
    [InlineData("dataset.layers=[0, 1]", "layers", "is [0, 1] with labels: counterfactual: expected the first and the last layer, such as [0, 14], and labels: fisher")]
    [InlineData("dataset.tiers=[4, 2]", "tiers", "is [4, 2]: expected two or more tiers, each of more bits than the one before")]
    [InlineData("dataset.tiers=[2, x]", "tiers[1]", "'x' is no tier: expected tiers such as 0, 2, k3v2, 3, 4, 8, 16")]
    [InlineData("dataset.tiers=[2]", "tiers", "has 1 element: expected 2 or more")]
    [InlineData("dataset.tiers=[2, 16]", "tiers", "'16' is not among the tiers that the stage which makes dep tokens tries: 2, 3, 4, 8")]
    [InlineData("dataset.features=[entropi]", "features[0]", "unknown feature 'entropi': did you mean 'entropy'?")]
    [InlineData("dataset.features=[]", "features", "has 0 elements: expected 1 or more")]
    [InlineData("dataset.labels=exmaple", "labels", "is 'exmaple': expected example or counterfactual or fisher; did you mean 'example'?")]
    [InlineData("train.hidden=[8, 8, 8, 8, 8, 8, 8, 8, 8]", "hidden", "has 9 elements: expected 1 to 8, each a whole number from 1 to 1024")]
    [InlineData("train.predict=los", "predict", "is 'los': expected tier or loss; did you mean 'loss'?")]
    [InlineData("train.class_weights=even", "class_weights", "is 'even': expected none or balanced")]
    [InlineData("train.lambdas=[-1]", "lambdas[0]", "is '-1': expected a number from 0 to 1000000")]
    [InlineData("evaluate.policies=static-4,static-4+sinks1", "policies", "policy 'static-4+sinks1' is named twice")]
    [InlineData("evaluate.policies=static-16,,static-4", "policies", "a policy name is empty")]
    [InlineData("evaluate.policies=learned-x", "policies", "policy 'learned-x': 'x' is no number of bits")]
    [InlineData("evaluate.policies=learned:rival-3", "policies", "policy 'learned:rival-3': there is no controller 'learned:rival': known: learned")]
    [InlineData("evaluate.policies=static-4+sink1", "policies", "did you mean '+sinks1'?")]
    [InlineData("evaluate.rules=[entropi]", "rules[0]", "unknown feature 'entropi': did you mean 'entropy'?")]
    [InlineData("evaluate.recent=[70000]", "recent[0]", "is '70000': expected a whole number from 0 to 65536 (tokens)")]
    [InlineData("evaluate.recent=[]", "recent", "has 0 elements: expected 1 or more")]
    [InlineData("evaluate.targets=[1.5]", "targets[0]", "is '1.5': expected a number from 2.25 to 16 (bits)")]
    [InlineData("evaluate.unit=txt", "unit", "is 'txt': expected endings or text; did you mean 'text'?")]
    [InlineData("evaluate.mode=twopass", "mode", "; did you mean 'two-pass'?")]
    [InlineData("evaluate.shots=1000", "shots", "shots 1000: item '")]
    [InlineData("evaluate.limit=1e3", "limit", "is '1e3': expected a whole number of at least 0 (items)")]
    [InlineData("speed.policies=learned-3", "policies", "policy 'learned-3' needs a controller")]
    [InlineData("speed.depths=[64, 1000]", "depths", "1032 tokens are more than the 1024 that the model's context holds")]
    [InlineData("speed.depths=[]", "depths", "has 0 elements: expected 1 or more")]
    [InlineData("speed.prefill=1025", "prefill", "1025 tokens are more than the 1024 that the model's context holds")]
    public void A_value_that_a_stage_would_refuse_is_a_fault(string value, string param, string problem)
    {
        int code = CommandLine.Run(["validate", "--pipeline", OverItems, "-S", value], terminal.Terminal);

        string line = Assert.Single(terminal.ErrorLines);
        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith($"error: -S {value}: stages.{value.Split('.')[0]}.params.{param}: ", line);
        Assert.Contains(problem, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keep", "keep=mean", "seeds=9", "train", "is mean: 9 networks of [128] units side by side have more than 1024")]
    [InlineData("shots", "shots=2", "unit=text", "evaluate", "a text is scored as it is: take 'unit: endings', or no shots")]
    public void Values_that_do_not_go_together_are_a_fault(string param, string value, string other, string stage, string problem)
    {
        int code = CommandLine.Run(["validate", "--pipeline", OverItems, "-S", $"{stage}.{value}", "-S", $"{stage}.{other}"], terminal.Terminal);

        Assert.Equal(ExitCode.Usage, code);
        Assert.StartsWith($"error: -S {stage}.{value}: stages.{stage}.params.{param}: {problem}", Assert.Single(terminal.ErrorLines));
    }

    [Fact]
    public void Faults_of_a_file_are_named_by_line_and_all_at_once()
    {
        string path = Path.Combine(folder, "quickstart.yaml");
        string[] lines = File.ReadAllLines(OverItems);
        File.WriteAllLines(path, lines.Select(line => line.Replace("wdir: ../../../..", $"wdir: '{SharedFiles.Repository}'", StringComparison.Ordinal)
            .Replace("limit: 200,", "limit: 200, operating: statc-4,", StringComparison.Ordinal).Replace("features: [entropy,", "features: [entropi,", StringComparison.Ordinal)));

        int code = CommandLine.Run(["validate", "--pipeline", path], terminal.Terminal);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal(
            [
                $"error: {path}:{LineOf("limit: 200,")}: stages.collect.params.operating: unknown policy 'statc-4'",
                $"error: {path}:{LineOf("features: [entropy,")}: stages.dataset.params.features[0]: unknown feature 'entropi'",
            ],
            terminal.ErrorLines.Select(line => line[..line.IndexOf("': ", StringComparison.Ordinal)] + "'"));

        int LineOf(string part) => Array.FindIndex(lines, line => line.Contains(part, StringComparison.Ordinal)) + 1;
    }

    [Fact]
    public void A_stage_command_refuses_the_same()
    {
        int code = CommandLine.Run(["collect", "--model", SharedFiles.MicroModel, "--tiers", "2,5", "--operating", "statc-4", "--shots", "99999999999"], terminal.Terminal);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("--tiers: [1]: '5': expected some of 0, 2, k3v2", terminal.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains("--operating: unknown policy 'statc-4': did you mean 'static-4'?", terminal.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains("--shots: is '99999999999': expected a whole number of at least 0 (items), and at most 2147483647", terminal.ErrorLines[0], StringComparison.Ordinal);
    }

    /// <summary>Gradients tell what small errors cost, and dropping a token is none.</summary>
    [Theory]
    [InlineData("collect", "0,k0v4", "[1]: 'k0v4': expected some of 0, 2, k3v2")]
    [InlineData("fisher", "2,0", "[1]: '0': a dropped token is no small error, so gradients do not tell what it costs: measure it, by stage collect with tiers of 0 among others")]
    public void Dropping_is_measured_and_of_keys_and_values_both(string stage, string tiers, string refusal)
    {
        Assert.Equal(ExitCode.Usage, CommandLine.Run([stage, "--model", SharedFiles.MicroModel, "--tiers", tiers], terminal.Terminal));
        Assert.Contains(refusal, terminal.ErrorLines[0], StringComparison.Ordinal);
    }

    /// <summary>Policies are judged beside the controllers that are given.</summary>
    [Fact]
    public void Every_text_that_is_no_choice_has_a_check() => Assert.Equal(
        ["evaluate.policies", "speed.policies"],
        from kind in Stages.Catalog.Kinds.Values
        from param in kind.Params
        where param is { Type: ParamType.Text, Choices.Count: 0, Check: null }
        select $"{kind.Name}.{param.Name}");
}
