using Microsoft.Win32.SafeHandles;

namespace AdaptiveKv.Unit.Inference.Models.Fuzzing;

/// <summary>One file written over again and again: creating or truncating a file per mutant would make the disk the limit.</summary>
internal sealed class ScratchFile(string path) : IDisposable
{
    private readonly SafeFileHandle handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);

    public void Write(ReadOnlySpan<byte> content)
    {
        RandomAccess.Write(handle, content, 0);
        RandomAccess.SetLength(handle, content.Length);
    }

    public void Dispose() => handle.Dispose();
}
