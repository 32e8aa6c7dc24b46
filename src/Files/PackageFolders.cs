namespace AdaptiveKv.Files;

/// <summary>Where NuGet keeps packages: native libraries too large to lie beside every program are loaded from there.</summary>
public static class PackageFolders
{
    /// <summary>$NUGET_PACKAGES alone where it is set, as NuGet does; else the folder that the program was built from, and the usual one. Never one that depends on the current folder.</summary>
    public static IEnumerable<string> All()
    {
        string?[] folders = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
            ? [set]
            : [AppContext.GetData("AdaptiveKv.PackageFolder") as string, Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages")];
        return folders.OfType<string>().Where(folder => Path.IsPathFullyQualified(folder)).Select(Path.TrimEndingDirectorySeparator).Distinct();
    }
}
