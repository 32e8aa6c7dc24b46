namespace AdaptiveKv.Files;

/// <summary>What lies under a path, links followed.</summary>
public enum PathKind
{
    /// <summary>A file of bytes that stay where they are.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A pipe, with a name or of a shell: what is written to it is gone, what is read from it comes once.</summary>
    Pipe,

    /// <summary>A device such as /dev/null.</summary>
    Device,

    /// <summary>A socket, which cannot be opened.</summary>
    Socket,
}
