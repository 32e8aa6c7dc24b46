using System.Collections.Concurrent;

namespace AdaptiveKv.Files;

/// <summary>Files that are being written under private names: a process that ends in the middle (a second Ctrl+C, a command that takes too long to stop) removes them.</summary>
internal static class UnfinishedFiles
{
    private static readonly ConcurrentDictionary<string, bool> Paths = Watched();

    public static void Add(string path) => Paths[path] = true;

    public static void Remove(string path) => Paths.TryRemove(path, out _);

    private static ConcurrentDictionary<string, bool> Watched()
    {
        ConcurrentDictionary<string, bool> paths = new();
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (string path in paths.Keys)
            {
                Delete(path);
            }
        };
        return paths;
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The process ends: there is nobody left to tell.
            return;
        }
    }
}
