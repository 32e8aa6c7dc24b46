namespace AdaptiveKv.Files;

/// <summary>Where the content of an output goes.</summary>
/// <param name="Path">Without links: the file that is replaced, or what is written through.</param>
/// <param name="IsReplaced">Whether it is a file, or nothing yet; a device or a pipe is written through.</param>
/// <param name="Mode">Who may do what with the file that is there; null if none is.</param>
internal sealed record OutputTarget(string Path, bool IsReplaced, UnixFileMode? Mode)
{
    /// <summary>Looks where a path leads.</summary>
    /// <exception cref="ArgumentException">It is a folder or a socket.</exception>
    /// <exception cref="DirectoryNotFoundException">Its folder does not exist.</exception>
    /// <exception cref="UnauthorizedAccessException">The file that is there may not be written.</exception>
    /// <exception cref="IOException">Its links lead in a circle.</exception>
    public static OutputTarget Of(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{path}' is no path: name the file to write");
        }

        string real = RealPath.Of(path);
        FileStatus? status = FileStatus.Of(real);
        if (status?.Kind == PathKind.Folder || System.IO.Path.EndsInDirectorySeparator(path))
        {
            throw new ArgumentException($"{path} is a folder: name a file in it");
        }

        if (status?.Kind == PathKind.Socket)
        {
            throw new ArgumentException($"{path} is a socket: name a file, a pipe or a device");
        }

        if (RealPath.DescriptorOf(real) is not null || status?.Kind is PathKind.Pipe or PathKind.Device)
        {
            return new OutputTarget(real, IsReplaced: false, Mode: null);
        }

        RequireFolder(path, System.IO.Path.GetDirectoryName(real)!);
        if (status is not null)
        {
            RequireWritable(path, real);
        }

        return new OutputTarget(real, IsReplaced: true, status?.Mode);
    }

    private static void RequireFolder(string path, string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException(
                $"{path}: the folder {folder} does not exist: {(File.Exists(folder) ? "it is a file" : "create it first")}");
        }
    }

    // Renaming asks for rights on the folder alone: whoever protected the file did not want it replaced either.
    private static void RequireWritable(string path, string real)
    {
        try
        {
            using FileStream opened = new(real, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new UnauthorizedAccessException($"{path}: write-protected: make it writable, or name another file", exception);
        }
    }
}
