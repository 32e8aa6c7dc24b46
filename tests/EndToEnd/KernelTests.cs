using System.Text;
using System.Text.RegularExpressions;

namespace AdaptiveKv.EndToEnd;

/// <summary><c>--kernels</c> on the built command line: the program starts itself again, and its bytes are those of a machine that has no others.</summary>
public sealed partial class KernelTests : IDisposable
{
    private static readonly Dictionary<string, string> WithoutAvx512 = new() { ["DOTNET_EnableAVX512"] = "0" };

    private readonly PipelineFolder pinned = new();
    private readonly PipelineFolder narrow = new();

    public KernelTests() => Assert.SkipUnless(System.Runtime.Intrinsics.X86.Avx512F.IsSupported && System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated, "needs a processor with AVX-512");

    public void Dispose()
    {
        pinned.Dispose();
        narrow.Dispose();
    }

    [Fact]
    public void PinnedKernelsGiveTheBytesOfAMachineWithoutTheOthers()
    {
        Assert.Equal(0, Akv.Run(["run", "collect", "--kernels", "avx2", .. pinned.Small()]).Code);
        Assert.Equal(0, Akv.RunWith(WithoutAvx512, ["run", "collect", .. narrow.Small()]).Code);
        Assert.Equal(narrow.Content(), pinned.Content());
        Assert.Equal(File.ReadAllText(Path.ChangeExtension(narrow.Yaml, ".lock")), File.ReadAllText(Path.ChangeExtension(pinned.Yaml, ".lock")));

        // A machine with wider vectors takes it as it is, and says so; what it would make itself is other bytes.
        Assert.Contains("collect    up to date (made with avx2 kernels)\n", Akv.RunHere(["status", .. pinned.Small()]).Output, StringComparison.Ordinal);
        Assert.Contains("nothing to do: all 2 stages are up to date\n", Akv.RunHere(["run", "collect", .. pinned.Small()]).Output, StringComparison.Ordinal);
        Assert.Equal(0, Akv.RunHere(["run", "collect", "-f", .. pinned.Small()]).Code);
        Assert.NotEqual(narrow.Content(), pinned.Content());
    }

    /// <summary>The same of the others whose figures hang on them; what this machine's own kernels make is other bytes.</summary>
    [Theory]
    [InlineData("evaluate", "--policies", "static-3", "--scores")]
    [InlineData("fisher", "--tiers", "2,3", "--summary", "summary.json", "--costs")]
    public void OtherStagesToo(params string[] words)
    {
        string[] Command(string name) =>
        [
            words[0], "--model", Tests.SharedFiles.MicroModel, "--data", Path.Combine(Tests.SharedFiles.Micro, "items_validation.jsonl"), "--limit", "2",
            .. words[1..].Select(word => word == "summary.json" ? pinned[$"{name}.{word}"] : word), pinned[name],
        ];
        // All but what was measured by the clock.
        string Made(string name) => string.Concat(
            (File.Exists(pinned[name]) ? [pinned[name]] : Directory.GetFiles(pinned[name], "0*").Order(StringComparer.Ordinal).ToArray()).Select(path => Milliseconds().Replace(File.ReadAllText(path, Encoding.Latin1), "")));
        Directory.CreateDirectory(pinned[""]);

        Assert.Equal(0, Akv.Run([.. Command("pinned"), "--kernels", "avx2"]).Code);
        Assert.Equal(0, Akv.RunWith(WithoutAvx512, Command("narrow")).Code);
        Assert.Equal(0, Akv.RunHere(Command("own")).Code);

        Assert.Equal(Made("narrow"), Made("pinned"));
        Assert.NotEqual(Made("own"), Made("pinned"));
    }

    [Fact]
    public void AnUnfinishedRunOnOtherKernelsIsRefusedWithWhatToDo()
    {
        string[] small = narrow.Small("-S", "collect.limit=100");
        Akv.Kill(["run", "collect", "--kernels", "avx2", .. small], () => File.Exists(narrow["collect/items/.progress.json"]));

        Outcome outcome = Akv.RunHere(["run", "collect", .. small]);
        Assert.Equal(2, outcome.Code);
        Assert.EndsWith("go on with --kernels avx2, or start over with --force\n", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sse")]
    [InlineData("")]
    [InlineData("AVX2")]
    public void AnUnknownWordIsRefused(string word) => Akv.Run("doctor", "--kernels", word).IsRefused(2, $"--kernels '{word}': expected one of auto, avx512, avx2, vector128, neon");

    [Theory]
    [InlineData("avx512")]
    [InlineData("neon")]
    public void WhatTheMachineDoesNotHaveIsRefused(string kernels) =>
        Akv.RunWith(WithoutAvx512, "doctor", "--kernels", kernels).IsRefused(2, $"--kernels {kernels}: this process has avx2");

    /// <summary>Started again, it reads its input, writes its output and is told of signals as it was.</summary>
    [Fact]
    public void StreamsAndExitCodesStay()
    {
        Outcome plain = Akv.RunWith(WithoutAvx512, "generate", "-m", Tests.SharedFiles.Micro + "/micro-ledger.gguf", "-p", "a b", "--max-tokens", "4");
        Outcome again = Akv.Run("generate", "-m", Tests.SharedFiles.Micro + "/micro-ledger.gguf", "-p", "a b", "--max-tokens", "4", "--kernels=avx2");

        Assert.Equal((0, plain.Output), (again.Code, again.Output));
        Akv.Run("generate", "-m", "absent.gguf", "-p", "a", "--kernels", "avx2").IsRefused(66, "absent.gguf");
    }

    [GeneratedRegex("\"milliseconds\":[0-9.e+-]+")]
    private static partial Regex Milliseconds();
}
