using System.Diagnostics;
using AdaptiveKv.FakePipeline;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Pipeline.Execution;

/// <summary>Runs of one pipeline by processes with other kernels than this one: nothing is mixed, nothing is made again, and each is said so.</summary>
public sealed class KernelTests : IDisposable
{
    private const string Slow = "collect.delay_ms=60";

    private static readonly (string Path, string Variable) Other = KernelPath.Current == KernelPath.Avx512 ? (KernelPath.Avx2, "DOTNET_EnableAVX512") : (KernelPath.Vector128, "DOTNET_EnableAVX2");

    private readonly DemoPipeline demo = new();

    public KernelTests() => Assert.SkipUnless(KernelPath.Current is KernelPath.Avx512 or KernelPath.Avx2, "needs a processor with AVX2");

    public void Dispose() => demo.Dispose();

    [Fact]
    public void AnUnfinishedRunGoesOnWithTheKernelsItBeganWith()
    {
        string progress = demo["artifacts/demo/collect/rows/.progress.json"];
        using (Process child = Start(demo, Slow))
        {
            Assert.True(SpinWait.SpinUntil(() => File.Exists(progress) && Manifest.TryRead(progress)?.Entries.Count == 2, TimeSpan.FromMinutes(1)), "no two segments were committed");
            child.Kill();
            child.WaitForExit();
        }

        SortedDictionary<string, string> before = demo.Tree();
        string reason = $"artifacts/demo/collect/rows has segments of an unfinished run with {Other.Path} kernels, this one has {KernelPath.Current}, and their bytes differ: go on with --kernels {Other.Path}, or start over with --force";
        Assert.Contains(reason, demo.Reasons(Slow).First(), StringComparison.Ordinal);
        Assert.Equal(reason, Assert.Throws<ArgumentException>(() => demo.Run(Slow)).Message);
        Assert.Equal(before, demo.Tree());

        using DemoPipeline whole = new();
        End(whole, Slow);
        string error = End(demo, Slow);
        Assert.Contains("2 segments are done already and will be kept", error, StringComparison.Ordinal);
        Assert.Equal(whole.Tree(), demo.Tree());
    }

    [Fact]
    public void ForceStartsOver()
    {
        using (Process child = Start(demo, Slow))
        {
            string progress = demo["artifacts/demo/collect/rows/.progress.json"];
            Assert.True(SpinWait.SpinUntil(() => File.Exists(progress), TimeSpan.FromMinutes(1)), "no segment was committed");
            child.Kill();
            child.WaitForExit();
        }

        int before = FakeStages.RowsMadeHere;
        demo.Run(AdaptiveKv.Pipeline.Execution.StageSelection.All, force: true, Slow);

        Assert.Equal(20, FakeStages.RowsMadeHere - before);
        using DemoPipeline whole = new();
        whole.Run(Slow);
        Assert.Equal(whole.Tree(), demo.Tree());
    }

    /// <summary>Artifacts that are moved to a machine with other kernels are as good there, with the lock file or without it.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("pipelines/demo.lock")]
    [InlineData("artifacts/demo/collect/manifest.json")]
    [InlineData("artifacts/demo/collect/rows/manifest.json")]
    public void WhatOtherKernelsMadeStays(string lost)
    {
        End(demo);
        SortedDictionary<string, string> made = demo.Tree();
        if (lost.Length > 0)
        {
            File.Delete(demo[lost]);
        }

        Assert.Empty(demo.Run().Ran);
        Assert.Equal(made, demo.Tree());
        Assert.All(demo.Status(), state => Assert.True(state.IsUpToDate));
        Assert.Equal(Other.Path, demo.Status()[0].OtherKernels);
        demo.Run();
        Assert.Contains($"collect: unchanged (made with {Other.Path} kernels; this process has {KernelPath.Current})", demo.Notes);
        Assert.Contains("dataset: unchanged", demo.Notes);
    }

    /// <summary>What was made before kernels were recorded: it stays as it is, too.</summary>
    [Fact]
    public void WhatWasMadeBeforeKernelsWereRecordedStays()
    {
        demo.Run();
        string path = demo["pipelines/demo.lock"];
        string old = File.ReadAllText(path).Replace($",\n      \"kernels\": \"{KernelPath.Current}\"", string.Empty, StringComparison.Ordinal);
        Assert.DoesNotContain("kernels", old, StringComparison.Ordinal);
        File.WriteAllText(path, old);
        string list = demo["artifacts/demo/collect/manifest.json"];
        string inputs = LockFile.Read(path).Stages["collect"].Inputs;
        File.WriteAllBytes(list, Manifest.Empty.With([.. Manifest.Read(list).Entries.Select(entry => entry with { Inputs = inputs })]).ToBytes());

        Assert.Empty(demo.Reasons());
        File.Delete(path);
        Assert.Empty(demo.Run().Ran);
        Assert.Equal(old, File.ReadAllText(path));
    }

    private static string End(DemoPipeline demo, params string[] overrides)
    {
        using Process child = Start(demo, overrides);
        (int code, _, string error) = Child.End(child);
        Assert.True(code == 0, error);
        return error;
    }

    private static ChildProcess Start(DemoPipeline demo, params string[] overrides) =>
        Child.Start(demo, new Dictionary<string, string> { [Other.Variable] = "0" }, ["run", .. overrides.SelectMany(word => (string[])["-S", word])]);
}
