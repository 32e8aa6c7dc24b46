using System.Diagnostics;
using AdaptiveKv.Tests;

namespace AdaptiveKv.EndToEnd;

/// <summary>A small checkout with the real launchers, and a dotnet in front of the PATH that notes each build and shows each run.</summary>
internal sealed class StubCheckout : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private const string Stub = """
        #!/usr/bin/env bash
        case "$1" in
          *pwsh.dll) exec "$STUB_DOTNET" "$@" ;;
          --list-sdks) echo "10.0.100 [/sdk]" ;;
          build)
            echo "$4" >>"$STUB_BUILDS"
            mkdir -p .build/bin/Cli/release .build/bin/Export/release
            cat src/Code.cs >.build/bin/Cli/release/akv.dll
            touch .build/bin/Export/release/AdaptiveKv.Export.dll ;;
          *)
            dll="$1"; shift
            [ "${1:-}" != wait ] || { echo waiting; read -r _; }
            echo "$(cat "$dll") ran:$*" ;;
        esac
        """;

    private readonly TemporaryFolder folder = new();

    /// <param name="launcher">"akv" or "akv.ps1".</param>
    /// <param name="name">The checkout's folder.</param>
    public StubCheckout(string launcher, string name = "checkout")
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stub of dotnet is a shell script");
        Assert.SkipUnless(launcher == "akv" || OnPath("pwsh"), "needs PowerShell on the PATH: dotnet tool install --global PowerShell");
        Launcher = launcher;
        Root = folder.PathOf(name);
        foreach (string file in (string[])["akv", "akv.ps1", "global.json", "MlPipeline.sln", "Directory.Build.props"])
        {
            Write(file, "");
            File.Copy(Path.Combine(SharedFiles.Repository, file), this[file], overwrite: true);
        }

        Code = "one";
        Write("tests/Unit/Unit.csproj", "");
        Directory.CreateDirectory(Home);
        Directory.CreateDirectory(folder.PathOf("bin"));
        File.WriteAllText(folder.PathOf("bin/dotnet"), Stub);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder.PathOf("bin/dotnet"), (UnixFileMode)0b111_101_101);
        }
    }

    public string Root { get; }

    public string Launcher { get; }

    public string Home => folder.PathOf("home");

    /// <summary>What the built program says.</summary>
    public string Code
    {
        set => Write("src/Code.cs", value);
    }

    public int Builds => File.Exists(folder.PathOf("builds")) ? File.ReadLines(folder.PathOf("builds")).Count() : 0;

    /// <summary>Copies of built programs that lie about.</summary>
    public int Copies => Directory.GetDirectories(this[".build/akv"]).Length;

    public string this[string file] => Path.Combine(Root, file);

    /// <summary>A path beside the checkout.</summary>
    public string Beside(string name) => folder.PathOf(name);

    public void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[file])!);
        File.WriteAllText(this[file], text);
    }

    public Outcome Run(params string[] arguments) => RunAt(this[Launcher], new Dictionary<string, string?>(), arguments);

    /// <summary>Runs the launcher by another path, with variables set or, if null, unset.</summary>
    public Outcome RunAt(string path, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        using Process process = Start(path, environment, arguments);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(Patience), $"{path} did not end");
        return new Outcome(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    public ChildProcess Start(string path, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        string[] command = Launcher == "akv" ? [path] : ["pwsh", "-NoProfile", "-NonInteractive", "-File", path];
        string[] words = [.. Unprivileged.Prefix, .. command, .. arguments];
        ProcessStartInfo start = new(words[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Home,
        };
        foreach (string word in words[1..])
        {
            start.ArgumentList.Add(word);
        }

        start.Environment["PATH"] = $"{folder.PathOf("bin")}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}";
        // PowerShell as a .NET tool is run by dotnet itself.
        start.Environment["STUB_DOTNET"] = Akv.DotNet;
        start.Environment["STUB_BUILDS"] = folder.PathOf("builds");
        start.Environment["HOME"] = Home;
        start.Environment.Remove("DOTNET_CLI_HOME");
        foreach ((string name, string? value) in environment)
        {
            _ = value is null ? start.Environment.Remove(name) : (start.Environment[name] = value) is not null;
        }

        return ChildProcess.Start(start);
    }

    public void Dispose()
    {
        using (Process unlock = Process.Start("chmod", ["-R", "u+w", folder.PathOf("")]))
        {
            unlock.WaitForExit();
        }

        folder.Dispose();
    }

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(place => File.Exists(Path.Combine(place, program)));
}
