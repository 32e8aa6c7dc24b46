namespace AdaptiveKv.Cli;

/// <summary>How this program is started again.</summary>
internal static class OwnProgram
{
    /// <summary>The program to start, which may be dotnet, and its arguments.</summary>
    /// <param name="arguments">Of akv.</param>
    public static (string Program, string[] Words) With(IEnumerable<string> arguments)
    {
        string program = Environment.ProcessPath!;
        string first = Environment.GetCommandLineArgs()[0];
        return (program, [.. Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Path.GetFullPath(first)] : Array.Empty<string>(), .. arguments]);
    }
}
