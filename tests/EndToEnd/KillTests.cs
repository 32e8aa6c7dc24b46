using System.Diagnostics;
using System.Globalization;
using AdaptiveKv.Files;

namespace AdaptiveKv.EndToEnd;

/// <summary>Every stage that there is, killed at moments that chance spreads over all of its time: the next run ends in the bytes of an unbroken one, and nothing else is lost.</summary>
public sealed class KillTests(ITestOutputHelper report)
{
    private const int Kills = 100;

    private const string More = """

          fisher:
            uses: fisher
            deps: {model: "${params.model}", data: "${params.train_text}", transform: calibrate.transform}
            params: {window: 160, limit: 6, segment: 1, tiers: [2, 3, 4], seed: "${params.seed}"}
          allocate:
            uses: allocate
            deps: {model: "${params.model}", data: "${params.train_text}", transform: calibrate.transform}
            params: {tokens: 128, window: 64, seed: "${params.seed}"}
          rescale:
            uses: rescale
            deps: {controller: train.controller, tokens: collect.tokens, rarity: collect.rarity}
          rivals:
            uses: rivals
            deps: {dataset: dataset.dataset, controller: train.controller}
            params: {seed: "${params.seed}"}
        """;

    private static readonly string[] Stages = ["calibrate", "collect", "dataset", "train", "evaluate", "speed", "report", "fisher", "allocate", "rescale", "rivals"];

    [Fact]
    public void EveryStageSurvivesThem()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("AKV_SLOW") == "1", "takes minutes: set AKV_SLOW=1");
        using PipelineFolder whole = new();
        File.AppendAllText(whole.Yaml, More);
        Done(Akv.RunHere(["run", .. whole.Small()]), "at first");
        IReadOnlyDictionary<string, byte[]> expected = whole.Content();
        CounterRandom random = new(23);
        int kills = 0, early = 0;
        foreach (string stage in Stages)
        {
            TimeSpan unbroken = Run(whole, stage, TimeSpan.MaxValue, out _);
            for (int kill = 0; kill < (Kills + Stages.Length - 1) / Stages.Length; kill++, kills++)
            {
                double share = random.Uniform((ulong)kills);
                string when = string.Create(CultureInfo.InvariantCulture, $"{stage} killed at {share:0.00} of {unbroken.TotalSeconds:0.0} s");
                using PipelineFolder folder = whole.Without(stage);
                Run(folder, stage, unbroken * share, out bool wasKilled);
                early += wasKilled ? 1 : 0;
                Done(Akv.RunHere(["status", "--verify", .. folder.Small()]), when);
                Done(Akv.RunHere(["run", .. folder.Small()]), when);

                IReadOnlyDictionary<string, byte[]> actual = folder.Content();
                Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
                Assert.All(expected.Keys, path => Assert.True(expected[path].SequenceEqual(actual[path]), $"{path} differs: {when}"));
                Assert.DoesNotContain("would run", Akv.RunHere(["status", "--verify", .. folder.Small()]).Output, StringComparison.Ordinal);
            }
        }

        report.WriteLine($"{kills} kills of {Stages.Length} stages, {early} of them before the end: 0 lost, 0 that differ");
    }

    private static void Done(Outcome outcome, string when) => Assert.True(outcome.Code == 0, $"{when}: {outcome.Error}");

    // Runs one stage by a process of its own, in a copy where the folder is the whole one; kills it after a time.
    private static TimeSpan Run(PipelineFolder folder, string stage, TimeSpan after, out bool wasKilled)
    {
        using PipelineFolder? own = after == TimeSpan.MaxValue ? folder.Without(stage) : null;
        using Process process = Akv.Start(["run", stage, .. (own ?? folder).Small()]);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        long start = Stopwatch.GetTimestamp();
        wasKilled = !process.WaitForExit(own is null ? after : TimeSpan.FromMinutes(10));
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        return Stopwatch.GetElapsedTime(start);
    }
}
