using System.Runtime.InteropServices;

namespace AdaptiveKv.Cli;

/// <summary>The folder this program was built in: its pipelines and embedded model lie there.</summary>
internal static class Repository
{
    /// <summary>The nearest parent of the program that holds MlPipeline.sln.</summary>
    /// <exception cref="DirectoryNotFoundException">The program was moved away from its repository.</exception>
    public static string Root => Find();

    /// <summary>The folder of the dotnet that runs this program: its runtime lies in ROOT/shared/Microsoft.NETCore.App/VERSION.</summary>
    public static string Dotnet => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MlPipeline.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException(
            $"no parent of {AppContext.BaseDirectory} holds MlPipeline.sln: run akv from its repository, or name a pipeline file");
    }
}
