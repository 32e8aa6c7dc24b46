using System.Runtime.CompilerServices;

namespace AdaptiveKv.Data;

/// <summary>A stream whose asynchronous calls end where they began: Parquet.Net has no others, and over a file they would go to other threads and be waited for.</summary>
/// <param name="content">What is read or written; it stays open.</param>
internal sealed class SynchronousStream(Stream content) : Stream
{
    public override bool CanRead => content.CanRead;

    public override bool CanSeek => content.CanSeek;

    public override bool CanWrite => content.CanWrite;

    public override long Length => content.Length;

    public override long Position
    {
        get => content.Position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int Read(byte[] buffer, int offset, int count) => content.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => content.Read(buffer);

    /// <summary>The next byte. Parquet.Net takes the end of a file for bytes without end, and calls itself for what nests: a damaged page must not keep it for ever, or end the process.</summary>
    public override int ReadByte()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return content.ReadByte() is >= 0 and var next ? next : throw new EndOfStreamException("it ends within a page");
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(content.Read(buffer, offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(content.Read(buffer.Span));

    public override void Write(byte[] buffer, int offset, int count) => content.Write(buffer, offset, count);

    public override void Write(ReadOnlySpan<byte> buffer) => content.Write(buffer);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        content.Write(buffer, offset, count);
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        content.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush() => content.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        content.Flush();
        return Task.CompletedTask;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        long target = offset + (origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => content.Position, _ => content.Length });
        return target >= 0 && target <= content.Length ? content.Seek(target, SeekOrigin.Begin) : throw new EndOfStreamException("it points beyond its ends");
    }

    public override void SetLength(long value) => content.SetLength(value);
}
