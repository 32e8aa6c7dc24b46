using AdaptiveKv.Files;
using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Files;

public sealed class FileLockTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void AHeldLockNamesItsHolder()
    {
        using FileLock held = FileLock.Acquire(folder.Path, "stage 'a'", TimeSpan.Zero);

        LockHeldException exception = Assert.Throws<LockHeldException>(() => FileLock.Acquire(folder.Path, "stage 'a'", TimeSpan.Zero));

        Assert.Equal($"stage 'a' is being run by process {Environment.ProcessId} on {Environment.MachineName}: wait for it, or stop it, then run the same command again", exception.Message);
        Assert.True(FileLock.IsHeld(folder.Path));
    }

    [Fact]
    public void AReleasedLockIsFree()
    {
        FileLock.Acquire(folder.Path, "a", TimeSpan.Zero).Dispose();

        Assert.False(FileLock.IsHeld(folder.Path));
        Assert.Null(FileLock.HolderOf(folder.Path));
        FileLock.Acquire(folder.Path, "a", TimeSpan.Zero).Dispose();
    }

    [Fact]
    public async Task AShortHolderIsWaitedFor()
    {
        FileLock held = FileLock.Acquire(folder.Path, "a", TimeSpan.Zero);
        Task<FileLock> waiting = Task.Run(() => FileLock.Acquire(folder.Path, "a", TimeSpan.FromMinutes(1)), TestContext.Current.CancellationToken);
        held.Dispose();

        (await waiting).Dispose();
    }

    [Fact]
    public void AFolderThatIsNotThereIsNotLocked() => Assert.False(FileLock.IsHeld(folder["absent"]));
}
