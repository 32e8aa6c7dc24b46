using System.Reflection;
using System.Runtime.InteropServices;
using AdaptiveKv.Files;
using Microsoft.ML.Trainers.LightGbm;

namespace AdaptiveKv.Training.Rivals;

/// <summary>LightGBM's native library, which lies in the folder of packages as libtorch does: beside each program it would be 20 MB that one stage needs.</summary>
internal static class LightGbmLibrary
{
    private static readonly Lazy<nint> Library = new(Open);

    /// <summary>Has it found; comes before training.</summary>
    /// <exception cref="DllNotFoundException">There is none for this system, it was not fetched, or it does not load.</exception>
    public static void Require()
    {
        if (!Library.IsValueCreated)
        {
            nint library = Library.Value;
            NativeLibrary.SetDllImportResolver(typeof(LightGbmMulticlassTrainer).Assembly, (_, _, _) => library);
        }
    }

    private static nint Open()
    {
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        string name = OperatingSystem.IsWindows() ? "lib_lightgbm.dll" : OperatingSystem.IsMacOS() ? "lib_lightgbm.dylib" : "lib_lightgbm.so";
        string version = typeof(LightGbmLibrary).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "LightGbm").Value!;
        return RuntimeInformation.ProcessArchitecture == Architecture.X64
            ? PackageFolders.All().Select(root => Path.Combine(root, "lightgbm", version, "runtimes", $"{system}-x64", "native", name)).FirstOrDefault(File.Exists) is { } path
                ? NativeLibrary.Load(path)
                : throw new DllNotFoundException($"{name} of LightGBM {version} is in no folder of packages: run 'dotnet restore' on the source where a network is")
            : throw new DllNotFoundException($"LightGBM {version} has no library for {RuntimeInformation.RuntimeIdentifier}: it has those for win-x64, linux-x64 and osx-x64");
    }
}
