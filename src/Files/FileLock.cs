namespace AdaptiveKv.Files;

/// <summary>
/// A lock on a folder, held by the kernel on behalf of this process: when the process ends, however it ends, the lock is free. So a lock file
/// that lies about means nothing, and there is no stale lock.
/// </summary>
public sealed class FileLock : IDisposable
{
    private const string LockName = ".lock";
    private const string HolderName = ".holder";
    private const int LongestHolder = 512;

    private const int WouldBlockOnLinux = 11;
    private const int WouldBlockOnMacOS = 35;
    private const int SharingViolation = 32;
    private const int LockViolation = 33;

    // 'akv status' holds the lock for an instant to see whether it is free: it must not make a run fail.
    private static readonly TimeSpan Blink = TimeSpan.FromMilliseconds(20);

    private readonly FileStream file;
    private readonly string holder;

    private FileLock(FileStream file, string holder) => (this.file, this.holder) = (file, holder);

    /// <summary>Takes the lock of a folder, which is created where it is missing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="what">What the lock guards: "stage 'train'".</param>
    /// <param name="patience">How long to wait for another holder.</param>
    /// <exception cref="LockHeldException">Another process has it.</exception>
    /// <exception cref="IOException">The lock file is a link: it would be created, and locked, elsewhere.</exception>
    public static FileLock Acquire(string folder, string what, TimeSpan patience)
    {
        DurableFolder.Create(folder);
        for (TimeSpan waited = TimeSpan.Zero; ; waited += Blink)
        {
            if (TryOpen(folder, FileMode.OpenOrCreate) is { } file)
            {
                FileLock taken = new(file, Path.Combine(folder, HolderName));
                taken.Sign();
                return taken;
            }

            if (waited >= patience)
            {
                string holder = HolderOf(folder) ?? "another process";
                throw new LockHeldException($"{what} is being run by {holder}: wait for it, or stop it, then run the same command again");
            }

            Thread.Sleep(Blink);
        }
    }

    /// <summary>Who has, or had when it was killed, the lock of a folder; null if the last holder gave it back.</summary>
    public static string? HolderOf(string folder)
    {
        try
        {
            // Longer than a name, or a link to something else: somebody else's.
            FileInfo file = new(Path.Combine(folder, HolderName));
            return file is { LinkTarget: null, Exists: true, Length: > 0 and <= LongestHolder } ? File.ReadAllText(file.FullName) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Whether a process has or ever had the lock of a folder.</summary>
    public static bool IsUsed(string folder) => File.Exists(Path.Combine(folder, LockName));

    /// <summary>Whether a process has the lock of a folder at this instant.</summary>
    public static bool IsHeld(string folder)
    {
        if (!IsUsed(folder))
        {
            return false;
        }

        using FileStream? file = TryOpen(folder, FileMode.Open);
        return file is null;
    }

    /// <summary>Gives the lock back. The lock file stays: removing it would let two processes lock two files of one name.</summary>
    public void Dispose()
    {
        File.Delete(holder);
        file.Dispose();
    }

    private void Sign()
    {
        try
        {
            // What lies there may be a link that somebody left: it goes, and what it leads to stays.
            File.Delete(holder);
            using StreamWriter text = new(new FileStream(holder, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0));
            text.Write($"process {Environment.ProcessId} on {Environment.MachineName}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    // FileShare.None is flock(LOCK_EX | LOCK_NB) on Unix, and an exclusive handle on Windows.
    private static FileStream? TryOpen(string folder, FileMode mode)
    {
        string path = Path.Combine(folder, LockName);
        if (new FileInfo(path).LinkTarget is { } target)
        {
            throw new IOException($"{path}: a link to {target}, and a lock is a file of its own: remove it");
        }

        try
        {
            return new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException exception)
            when ((exception.HResult & 0xFFFF) is WouldBlockOnLinux or WouldBlockOnMacOS or SharingViolation or LockViolation)
        {
            return null;
        }
    }
}
