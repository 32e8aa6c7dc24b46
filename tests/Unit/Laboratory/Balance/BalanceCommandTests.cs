using System.Text.Json;
using AdaptiveKv.Cli;
using AdaptiveKv.Laboratory;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Cli;

namespace AdaptiveKv.Unit.Laboratory.Balance;

public sealed class BalanceCommandTests : IDisposable
{
    private readonly TestTerminal terminal = new();

    public void Dispose() => terminal.Dispose();

    [Fact]
    public void Barriers_loops_and_shares_are_counted_for_every_number_of_threads()
    {
        Run("--json");

        JsonElement report = JsonElement.Parse(terminal.Output);
        JsonElement[] kinds = [.. report.GetProperty("kinds").EnumerateArray()];
        Assert.Equal(["a decoded token at 9", "a prompt of 40", "3 sessions together at 9"], kinds.Select(kind => kind.GetProperty("kind").GetString()));
        int layers = LayersOf();
        foreach ((JsonElement kind, int barriers) in kinds.Zip([(5 * layers) + 2, 0, (8 * layers) + 3]))
        {
            JsonElement[] teams = [.. kind.GetProperty("teams").EnumerateArray()];
            Assert.Equal([2, 16], teams.Select(team => team.GetProperty("threads").GetInt32()));
            Assert.All(teams, team => Assert.True(team.GetProperty("imbalance").GetDouble() >= 0.999));
            Assert.True(teams[0].GetProperty("imbalance").GetDouble() < teams[1].GetProperty("imbalance").GetDouble());
            Assert.All(teams, team => Assert.InRange(team.GetProperty("at_most").GetDouble(), 0.9, team.GetProperty("threads").GetInt32() + 1e-9));
            if (barriers > 0)
            {
                Assert.All(teams, team => Assert.Equal(barriers, team.GetProperty("barriers").GetInt32()));
            }
        }
    }

    [Fact]
    public void A_table_for_people_names_the_parts()
    {
        Run();

        Assert.Contains("query key value", terminal.Output, StringComparison.Ordinal);
        Assert.Contains("attention", terminal.Output, StringComparison.Ordinal);
        Assert.Contains("threads  barriers  loops  imbalance  at most times one thread", terminal.Output, StringComparison.Ordinal);
    }

    private static int LayersOf()
    {
        using var model = AdaptiveKv.Inference.Decoding.LlamaModel.Load(SharedFiles.MicroModel);
        return model.Shape.Layers;
    }

    private void Run(params string[] options)
    {
        int code = Experiments.Run(["balance", "--model", SharedFiles.MicroModel, "--threads", "16,2", "--depth", "9", "--prefill", "40", "--sessions", "3", "--repeats", "2", .. options], terminal.Terminal);
        Assert.True(code == ExitCode.Done, string.Join('\n', terminal.ErrorLines));
    }
}
