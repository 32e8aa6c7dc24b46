using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using AdaptiveKv.Pipeline.Fingerprints;

namespace AdaptiveKv.Cli;

/// <summary>
/// <c>--kernels</c>: pins the engine's kernels, so that machines with and without wider vectors give the same bytes. The runtime chooses when it starts, by the
/// processor and these variables; so the program starts again with them, in the same process where the system can.
/// </summary>
internal static partial class KernelChoice
{
    private const string Auto = "auto";

    private static readonly Dictionary<string, string?> Switches = new()
    {
        [Auto] = null,
        [KernelPath.Avx512] = null,
        [KernelPath.Avx2] = "DOTNET_EnableAVX512",
        [KernelPath.Vector128] = "DOTNET_EnableAVX2",
        [KernelPath.Neon] = null,
    };

    // Beside the stages that use kernels.
    private static readonly HashSet<string> Commands = ["run", "status", "generate", "serve", "perplexity", "bench", "doctor", "shard plan", .. Stages.Catalog.Kinds.Values.Where(kind => kind.UsesKernels).Select(kind => kind.Name)];

    /// <summary>The option.</summary>
    public static Option<string> Option() => new("--kernels")
    {
        Description = "Kernels of the engine; each have bytes of their own, the same on every machine that has them",
        DefaultValueFactory = _ => Auto,
        HelpName = string.Join("|", Switches.Keys),
        CustomParser = result =>
        {
            string word = result.Tokens[0].Value;
            if (!Switches.ContainsKey(word))
            {
                result.AddError($"--kernels '{word}': expected one of {string.Join(", ", Switches.Keys)}");
            }

            return word;
        },
    };

    /// <summary>Gives the option to the commands that run the engine, or look at what it made.</summary>
    public static void AddTo(IEnumerable<Command> commands, Option<string> option)
    {
        foreach (Command command in commands)
        {
            foreach (Command own in (Command[])[command, .. command.Subcommands])
            {
                if (Commands.Contains(own == command ? own.Name : $"{command.Name} {own.Name}"))
                {
                    own.Add(option);
                }
            }
        }
    }

    /// <summary>Starts the program again where other kernels are wanted than it has and the runtime can be told so.</summary>
    /// <param name="wanted">What the option says.</param>
    /// <param name="arguments">The command line.</param>
    /// <returns>How it ended; null where there is nothing to start.</returns>
    public static int? Restart(string? wanted, IReadOnlyList<string> arguments)
    {
        if (wanted is null || wanted == KernelPath.Current || !X86Base.IsSupported || Switches.GetValueOrDefault(wanted) is not { } variable || Environment.GetEnvironmentVariable(variable) == "0")
        {
            return null;
        }

        (string program, string[] words) = OwnProgram.With(arguments);
        if (!OperatingSystem.IsWindows())
        {
            _ = SetVariable(variable, "0", 1);
            _ = Execute(program, [program, .. words, null]);
            throw new IOException($"{program} cannot be started again: set {variable}=0 instead of --kernels {wanted}");
        }

        ProcessStartInfo start = new(program, words);
        start.Environment[variable] = "0";
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Refuses what this machine does not have.</summary>
    /// <exception cref="FormatException">It has other kernels.</exception>
    public static void Require(string? wanted)
    {
        if (wanted is not (null or Auto) && wanted != KernelPath.Current)
        {
            throw new FormatException($"--kernels {wanted}: this process has {KernelPath.Current}, by the processor and the runtime's settings (DOTNET_Enable...)");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int replaces);

    [LibraryImport("libc", EntryPoint = "execv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);
}
