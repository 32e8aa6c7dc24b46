namespace AdaptiveKv.Unit.Inference.Models.Hub;

/// <summary>Gives some bytes, then ends as a bad connection does: with an error, or with nothing until the reader gives up.</summary>
internal sealed class BrokenStream(byte[] bytes, bool hangs = false) : Stream
{
    private int position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (position == bytes.Length && hangs)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        int count = Math.Min(buffer.Length, bytes.Length - position);
        bytes.AsSpan(position, count).CopyTo(buffer.Span);
        position += count;
        return count > 0 ? count : throw new IOException("connection reset by peer");
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }
}
