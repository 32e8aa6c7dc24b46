using System.Runtime.InteropServices;
using AdaptiveKv.Files;

namespace AdaptiveKv.Torch;

/// <summary>Where libtorch and TorchSharp's binding lie: in the folder that $AKV_TORCH names, else beside the program, else in the folder of NuGet's packages.</summary>
/// <param name="Folder">Libtorch's own; empty where it is missing.</param>
/// <param name="Binding">The binding's file; empty where it is missing.</param>
/// <param name="Missing">What is missing and what to do, in one line; null if nothing is.</param>
internal sealed record TorchLibraries(string Folder, string Binding, string? Missing)
{
    /// <summary>The environment variable that names a folder with the libraries.</summary>
    public const string Variable = "AKV_TORCH";

    // What others need comes first: they are found among what is loaded, by name, wherever they lie. What a system's package lacks is left out.
    private static readonly string[] Order =
        OperatingSystem.IsWindows() ? ["armpl_lp64.dll", "libiomp5md.dll", "uv.dll", "c10.dll", "torch_cpu.dll", "torch.dll"]
        : OperatingSystem.IsMacOS() ? ["libomp.dylib", "libc10.dylib", "libtorch_cpu.dylib", "libtorch.dylib"]
        : ["libgomp*.so*", "libc10.so", "libtorch_cpu.so", "libtorch.so"];

    private static readonly string Core = OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";
    private static readonly string BindingName = OperatingSystem.IsWindows() ? "LibTorchSharp.dll" : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib" : "libLibTorchSharp.so";

    /// <summary>Libtorch's files, each after those that it needs.</summary>
    public IEnumerable<string> InOrder => Order.SelectMany(pattern => Directory.EnumerateFiles(Folder, pattern).Order(StringComparer.Ordinal));

    // Null for a system that no package is made for.
    private static string? System { get; } = (OperatingSystem.IsWindows(), OperatingSystem.IsMacOS(), RuntimeInformation.ProcessArchitecture) switch
    {
        (true, _, Architecture.X64) => "win-x64",
        (true, _, Architecture.Arm64) => "win-arm64",
        (_, true, Architecture.Arm64) => "osx-arm64",
        (false, false, Architecture.X64) when OperatingSystem.IsLinux() && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) => "linux-x64",
        _ => null,
    };

    /// <summary>Looks for them.</summary>
    public static TorchLibraries Find()
    {
        string here = System ?? RuntimeInformation.RuntimeIdentifier;
        string[] packages = [.. PackageFolders.All()];
        string[] beside = [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", here, "native")];
        string[] own = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set ? [set] : [];
        if (own.Length > 0 && !Path.IsPathFullyQualified(own[0]))
        {
            return new TorchLibraries(string.Empty, string.Empty, $"{Variable} is '{own[0]}', which depends on the current folder: set it to a full path");
        }

        string? folder = (own.Length > 0 ? own : [.. beside, .. InPackages($"libtorch-cpu-{here}", TorchRuntime.LibTorchVersion)])
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, Core)));
        string? binding = own.Concat(beside).Concat(InPackages("torchsharp", TorchRuntime.TorchSharpVersion))
            .Select(folder => Path.Combine(folder, BindingName)).FirstOrDefault(File.Exists);
        return new TorchLibraries(folder ?? string.Empty, binding ?? string.Empty, folder is null || binding is null ? Missing() : null);

        IEnumerable<string> InPackages(string package, string version) => packages.Select(root => Path.Combine(root, package, version, "runtimes", here, "native"));

        string Missing() =>
            own.Length > 0 && folder is null
                ? $"{own[0]}: no {Core} there: {Variable} must name the folder of libtorch {TorchRuntime.LibTorchVersion}; unset it to use the package's"
            : System is null
                ? $"the stages train and fisher need libtorch, and there is no package of it for {here}: run them on linux-x64, win-x64, win-arm64 or osx-arm64 and copy what they make; all other commands work here"
            : $"the stages train and fisher need {(folder is null ? $"libtorch {TorchRuntime.LibTorchVersion}" : $"TorchSharp's {BindingName} {TorchRuntime.TorchSharpVersion}")}, which is neither beside the program nor in {(packages.Length > 0 ? string.Join(" or ", packages) : "a folder of packages")}: "
                + $"run 'dotnet restore' on the source where a network is, or set {Variable} to a folder that has it";
    }
}
