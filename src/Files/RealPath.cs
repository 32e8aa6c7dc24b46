using System.Text.RegularExpressions;

namespace AdaptiveKv.Files;

/// <summary>Where a path leads when every link in it is followed, whether something is there or not.</summary>
public static partial class RealPath
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>The path without links. An open file of a process (/proc/self/fd/1, which /dev/stdout leads to) is the end of a way: what its link says is no path.</summary>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static string Of(string path)
    {
        string full = Path.GetFullPath(path);
        string real = Path.GetPathRoot(full)!;
        Stack<string> ahead = new();
        Push(full[real.Length..]);
        for (int links = 0; ahead.TryPop(out string? part);)
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            string next = Path.Combine(real, part);
            if (OpenFiles().IsMatch(real) || new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MostLinks)
            {
                throw new IOException($"{path}: a link that leads in a circle");
            }

            string root = Path.GetPathRoot(target)!;
            real = root.Length > 0 ? Path.GetFullPath(root) : real;
            Push(target[root.Length..]);
        }

        return real;

        void Push(string relative)
        {
            foreach (string part in relative.Split(['/', Path.DirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").Reverse())
            {
                ahead.Push(part);
            }
        }
    }

    /// <summary>The number of this process's open file that a path without links stands for; null if it stands for another thing.</summary>
    public static int? DescriptorOf(string real) =>
        Path.GetDirectoryName(real) is { } folder
        && OpenFiles().Match(folder) is { Success: true } match
        && match.Groups["process"].ValueSpan.SequenceEqual($"{Environment.ProcessId}")
        && int.TryParse(Path.GetFileName(real), out int descriptor) ? descriptor : null;

    [GeneratedRegex("^/proc/(?<process>[0-9]+)(/task/[0-9]+)?/fd$")]
    private static partial Regex OpenFiles();
}
