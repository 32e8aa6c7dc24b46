using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Runtime.Loader;
using AdaptiveKv.Files;
using TorchSharp;

namespace AdaptiveKv.Torch;

/// <summary>
/// Loads libtorch and TorchSharp's binding to it before anything uses <see cref="torch"/>. Left to itself TorchSharp searches, prints what it tried on standard output and may
/// copy half a gigabyte beside the program; and its binding does not load where libstdc++ is older than GCC 13.2.
/// </summary>
public static class TorchRuntime
{
    // Bits of CPUID 7.0 EBX: AVX2; AVX512 F, DQ, BW, VL.
    private const int Avx2 = 1 << 5;
    private const int Avx512 = (1 << 16) | (1 << 17) | (1 << 30) | (1 << 31);

    private static readonly Lock Guard = new();
    private static readonly Dictionary<string, nint> Loaded = new(StringComparer.Ordinal);
    private static bool isLoaded;

    /// <summary>The folder that libtorch would be loaded from; empty where there is none.</summary>
    public static string Location => TorchLibraries.Find().Folder;

    /// <summary>What is missing for training and what to do, in one line; null where nothing is.</summary>
    public static string? Missing => TorchLibraries.Find().Missing;

    /// <summary>Version of libtorch that the binding is made for.</summary>
    public static string LibTorchVersion { get; } = typeof(TorchRuntime).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "LibTorch").Value!;

    /// <summary>Version of TorchSharp.</summary>
    public static string TorchSharpVersion { get; } = typeof(torch).Assembly.GetName().Version!.ToString(3);

    /// <summary>
    /// The kernels that libtorch takes on this processor (at::get_cpu_capability, which TorchSharp does not show): by the processor's word, whatever .NET may use of it,
    /// unless the variable that libtorch looks at says otherwise.
    /// </summary>
    public static string Kernels { get; } =
        Environment.GetEnvironmentVariable("ATEN_CPU_CAPABILITY") is { Length: > 0 } set ? set.ToUpperInvariant()
        : !X86Base.IsSupported ? "DEFAULT"
        : (X86Base.CpuId(7, 0).Ebx & Avx512) == Avx512 ? "AVX512"
        : (X86Base.CpuId(7, 0).Ebx & Avx2) == Avx2 ? "AVX2"
        : "DEFAULT";

    /// <summary>Loads the libraries, once; a process trains in one thread.</summary>
    /// <exception cref="FileNotFoundException">There are none: this system has no libtorch, or it was not fetched. The message says what to do.</exception>
    /// <exception cref="IOException">A library does not load, or the user's cache cannot be written.</exception>
    public static void Load()
    {
        lock (Guard)
        {
            if (isLoaded)
            {
                return;
            }

            TorchLibraries libraries = TorchLibraries.Find();
            if (libraries.Missing is { } missing)
            {
                throw new FileNotFoundException(missing);
            }

            foreach (string path in libraries.InOrder)
            {
                Keep(path, Open(path));
            }

            Keep(libraries.Binding, OpenBinding(libraries.Binding));
            AssemblyLoadContext.GetLoadContext(typeof(torch).Assembly)!.ResolvingUnmanagedDll += (_, name) => Loaded.GetValueOrDefault(Stem(name));
            FreedMemory.Keep();
            Start();
            isLoaded = true;
        }
    }

    // By itself: the first use of torch runs its initializer, which must find the libraries there.
    // One thread: a controller's matrices are small, and a second one mostly waits: on a busy machine it took fifteen times the processor's time. The matrices of a teacher are not, but two
    // threads add up in another order: the same inputs would give other bytes.
    private static void Start() => torch.set_num_threads(1);

    private static void Keep(string path, nint library) => Loaded[Stem(Path.GetFileName(path))] = library;

    // libtorch_cpu.so, torch_cpu.dll, torch_cpu: TorchSharp asks for the last.
    private static string Stem(string name)
    {
        string stem = name.Split('.')[0];
        return stem.StartsWith("lib", StringComparison.Ordinal) ? stem["lib".Length..] : stem;
    }

    private static nint Open(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw new IOException($"{path}: the library does not load ({FirstLine(exception)}): delete its package's folder and run 'dotnet restore', or set {TorchLibraries.Variable} to another copy", exception);
        }
    }

    private static nint OpenBinding(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (DllNotFoundException exception) when (OperatingSystem.IsLinux() && exception.Message.Contains(OldStandardLibrary.MissingVersion, StringComparison.Ordinal))
        {
            return Open(OldStandardLibrary.PatchedCopy(path));
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw new IOException($"{path}: TorchSharp's binding does not load ({FirstLine(exception)})", exception);
        }
    }

    private static string FirstLine(Exception exception) => exception.Message.ReplaceLineEndings("\n").Split('\n')[0].TrimEnd('.', ' ');
}
