using System.Diagnostics;

namespace AdaptiveKv.EndToEnd;

/// <summary>The launchers: when they build, where they work, and what they leave behind.</summary>
public sealed class LauncherTests
{
    public static TheoryData<string> Launchers => ["akv", "akv.ps1"];

    // PowerShell takes a second or more to start: all characters at once.
    public static TheoryData<string, string> Places => Rows(
        ["it's", "a b", " a", "-a", "a#b", "a%b", "a;b", "a$HOME", "$(b)", "a&b", "añ日", "[a]", "(a){b}", "a=b,c", "`a`", "~a!"],
        [" it's [a] #%;$HOME&(ñ日)`b`,=~!"]);

    public static TheoryData<string, string> ImpossiblePlaces => Rows(["a\nb", "a\n", "a%41b", "a@(b)", "a*b", "a?b", "a\"b", "a|b", "a:b"], ["a\nb", "a%41b"]);

    [Theory]
    [MemberData(nameof(Launchers))]
    public void ItBuildsOnceAfterEveryChangeWhateverTheClockSays(string launcher)
    {
        using StubCheckout checkout = new(launcher);
        string source = checkout["src/Code.cs"];
        Assert.Equal((0, "one ran:a  b\n"), Result(checkout.Run("a ", "b")));
        Assert.Equal("one ran:\n", checkout.Run().Output);
        Assert.Equal(1, checkout.Builds);

        File.SetLastWriteTimeUtc(source, new DateTime(2080, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal("one ran:\n", checkout.Run().Output);
        Assert.Equal(1, checkout.Builds);

        // As long as the old content, and older than everything.
        checkout.Code = "two";
        File.SetLastWriteTimeUtc(source, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal("two ran:\n", checkout.Run().Output);
        Assert.Equal("two ran:\n", checkout.Run().Output);
        Assert.Equal(2, checkout.Builds);

        foreach (Action change in (Action[])[() => checkout.Write("src/Sub/New.cs", ""), () => File.Move(checkout["src/Sub/New.cs"], checkout["src/Sub/Other.cs"]), () => File.Delete(checkout["src/Sub/Other.cs"])])
        {
            int builds = checkout.Builds;
            change();
            checkout.Run();
            checkout.Run();
            Assert.Equal(builds + 1, checkout.Builds);
        }
    }

    /// <summary>Links where the launcher keeps its state: what they lead to stays. A folder that is a link is the user's own.</summary>
    [Theory]
    [InlineData("akv", "akv/lock")]
    [InlineData("akv", "build.log")]
    [InlineData("akv", "akv/current")]
    [InlineData("akv.ps1", "akv/lock")]
    [InlineData("akv.ps1", "build.log")]
    [InlineData("akv.ps1", "akv/current")]
    public void WhatALinkLeadsToStaysAsItWas(string launcher, string name)
    {
        using StubCheckout checkout = new(launcher);
        File.WriteAllText(checkout.Beside("precious"), "content");
        Directory.CreateDirectory(checkout.Beside("elsewhere"));
        Directory.CreateSymbolicLink(checkout[".build"], checkout.Beside("elsewhere"));
        Directory.CreateDirectory(checkout[".build/akv"]);
        File.CreateSymbolicLink(checkout[$".build/{name}"], checkout.Beside("precious"));

        Assert.Equal((0, "one ran:x\n"), Result(checkout.Run("x")));
        Assert.Equal((0, "one ran:x\n"), Result(checkout.Run("x")));
        Assert.Equal(1, checkout.Builds);
        Assert.Equal("content", File.ReadAllText(checkout.Beside("precious")));
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public void TheProgramWithOnnxRuntimeIsBuiltWhereAModelOfMlNetIsAskedFor(string launcher)
    {
        using StubCheckout checkout = new(launcher);
        checkout.Write("src/Export/Program.cs", "one");
        Assert.Equal("one ran:export -o x.onnx\n", checkout.Run("export", "-o", "x.onnx").Output);
        Assert.Equal(1, checkout.Builds);

        Outcome first = checkout.Run("export", "-f", "mlnet");
        Assert.Equal((0, "one ran:export -f mlnet\n"), Result(first));
        Assert.Contains("Building Export.csproj (Release) ...\n", first.Error, StringComparison.Ordinal);
        Assert.Equal(2, checkout.Builds);
        Assert.Equal("one ran:export --format=mlnet\n", checkout.Run("export", "--format=mlnet").Output);
        Assert.Equal(2, checkout.Builds);

        checkout.Write("src/Export/Program.cs", "two");
        checkout.Run("export", "-f", "mlnet");
        Assert.Equal(4, checkout.Builds);
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public void ALinkIsFollowedToTheCheckout(string launcher)
    {
        using StubCheckout checkout = new(launcher);
        Directory.CreateDirectory(checkout.Beside("links"));
        string last = checkout.Beside("links/first");
        File.CreateSymbolicLink(last, Path.Combine("..", "checkout", launcher));
        foreach (string target in (string[])["first", checkout.Beside("links/1")])
        {
            string link = checkout.Beside($"links/{(target == "first" ? "1" : "2.ps1")}");
            File.CreateSymbolicLink(link, target);
            last = link;
        }

        Assert.Equal((0, "one ran:x\n"), Result(checkout.RunAt(last, new Dictionary<string, string?>(), "x")));
        Directory.CreateSymbolicLink(checkout.Beside("other"), "checkout");
        Assert.Equal((0, "one ran:x\n"), Result(checkout.RunAt(checkout.Beside($"other/{launcher}"), new Dictionary<string, string?> { ["CDPATH"] = "/" }, "x")));
        Assert.Equal(1, checkout.Builds);
        Assert.False(Directory.Exists(checkout.Beside("links/.build")));
        Assert.False(Directory.Exists(checkout.Beside(".build")));
    }

    [Fact]
    public void ALinkOnThePathWorksFromAnyFolder()
    {
        using StubCheckout checkout = new("akv");
        File.CreateSymbolicLink(checkout.Beside("bin/akv"), "../checkout/akv");

        // It is looked up by env, on the PATH that has the stub.
        Assert.Equal((0, "one ran:x\n"), Result(checkout.RunAt("/usr/bin/env", new Dictionary<string, string?>(), "akv", "x")));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void OddPathsWork(string launcher, string name)
    {
        using StubCheckout checkout = new(launcher, name);

        Outcome outcome = checkout.Run("x");
        Assert.Equal((0, "one ran:x\n"), Result(outcome));
        Assert.StartsWith("Building Cli.csproj", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ImpossiblePlaces))]
    public void PathsInWhichMsBuildFailsAreRefused(string launcher, string name)
    {
        using StubCheckout checkout = new(launcher, name);

        checkout.Run("x").IsRefused(2, "the path of this checkout has");
        Assert.Equal(0, checkout.Builds);
        Assert.False(Directory.Exists(checkout[".build"]));
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public void OldCopiesGoUnlessAProcessRunsFromThem(string launcher)
    {
        using StubCheckout checkout = new(launcher);
        using Process running = checkout.Start(checkout[launcher], new Dictionary<string, string?>(), "wait");
        Assert.Equal("waiting", running.StandardOutput.ReadLine());
        foreach (string code in (string[])["two", "three", "four"])
        {
            checkout.Code = code;
            Assert.Equal($"{code} ran:\n", checkout.Run().Output);
        }

        Assert.Equal(2, checkout.Copies);
        running.StandardInput.WriteLine();
        Assert.Equal("one ran:wait", running.StandardOutput.ReadLine());
        running.WaitForExit();
        checkout.Code = "five";
        Assert.Equal("five ran:\n", checkout.Run().Output);
        Assert.Equal(1, checkout.Copies);
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public void ACheckoutThatCanOnlyBeReadWorksOnceItIsBuilt(string launcher)
    {
        using StubCheckout checkout = new(launcher);
        Lock(checkout.Root);
        checkout.Run().IsRefused(74, checkout.Root, "cannot be written");

        Unlock(checkout.Root);
        Assert.Equal(0, checkout.Run().Code);
        Lock(checkout.Root);
        Outcome built = checkout.Run("x");
        Assert.Equal((0, "one ran:x\n", ""), (built.Code, built.Output, built.Error));
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public void ABuildNeedsAHomeFolderAndNamesTheVariable(string launcher)
    {
        using StubCheckout checkout = new(launcher);
        Directory.CreateDirectory(checkout.Beside("closed"));
        Lock(checkout.Beside("closed"));
        // PowerShell gives itself a home folder where there is none.
        string?[] homes = [.. launcher == "akv" ? (string?[])[null, ""] : [], checkout.Beside("closed/absent"), "relative", checkout.Beside("closed")];
        foreach (string? home in homes)
        {
            checkout.RunAt(checkout[launcher], new Dictionary<string, string?> { ["HOME"] = home, ["XDG_CACHE_HOME"] = checkout.Home }, "x").IsRefused(2, "HOME");
        }

        Assert.Equal((0, "one ran:x\n"), Result(checkout.RunAt(checkout[launcher], new Dictionary<string, string?> { ["HOME"] = null, ["DOTNET_CLI_HOME"] = checkout.Home, ["XDG_CACHE_HOME"] = checkout.Home }, "x")));
        Outcome built = checkout.RunAt(checkout[launcher], new Dictionary<string, string?> { ["HOME"] = null, ["XDG_CACHE_HOME"] = checkout.Home }, "x");
        Assert.Equal((0, "one ran:x\n", ""), (built.Code, built.Output, built.Error));
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public void TheFirstBuildSaysHowMuchItFetches(string launcher)
    {
        const string Said = "up to 190 MB, 128 of them libtorch";
        using StubCheckout checkout = new(launcher);
        string usual = Path.Combine(checkout.Home, ".nuget", "packages"), other = checkout.Beside("elsewhere");
        foreach ((string? variable, string packages) in ((string?, string)[])[(null, usual), (other, other)])
        {
            Dictionary<string, string?> environment = new() { ["NUGET_PACKAGES"] = variable };
            checkout.Code = $"{packages} before";
            Assert.Contains($"into {packages}: {Said}", checkout.RunAt(checkout[launcher], environment).Error, StringComparison.Ordinal);

            Directory.CreateDirectory(Path.Combine(packages, "torchsharp"));
            checkout.Code = $"{packages} after";
            Assert.DoesNotContain(Said, checkout.RunAt(checkout[launcher], environment).Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Launchers))]
    public void AnUnknownTestProjectIsRefusedAndHelpIsTheProgramsOwn(string launcher)
    {
        using StubCheckout checkout = new(launcher);

        checkout.Run("test", "unit").IsRefused(2, "no test project 'unit'", "Unit");
        Assert.Equal((0, "one ran:test --help\n"), Result(checkout.Run("test", "--help")));
    }

    private static TheoryData<string, string> Rows(string[] bash, string[] powerShell)
    {
        TheoryData<string, string> rows = [];
        foreach (string name in bash)
        {
            rows.Add("akv", name);
        }

        foreach (string name in powerShell)
        {
            rows.Add("akv.ps1", name);
        }

        return rows;
    }

    private static (int Code, string Output) Result(Outcome outcome) => (outcome.Code, outcome.Output);

    private static void Lock(string folder) => Change("a-w", folder);

    private static void Unlock(string folder) => Change("u+w", folder);

    private static void Change(string mode, string folder)
    {
        using Process process = Process.Start("chmod", ["-R", mode, folder]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
