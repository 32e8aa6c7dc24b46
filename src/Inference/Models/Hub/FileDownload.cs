using System.Net;
using AdaptiveKv.Files;

namespace AdaptiveKv.Inference.Models.Hub;

/// <summary>
/// Downloads one file to NAME.part and renames it when its hash is right. What a cut connection or a killed process left is gone on with.
/// </summary>
/// <param name="hub">The repository.</param>
/// <param name="time">Clock for pauses, stalls and rates.</param>
/// <param name="progress">Told about ten times a second.</param>
internal sealed class FileDownload(HubConnection hub, TimeProvider time, IProgress<DownloadProgress>? progress)
{
    private const int Attempts = 5;
    private const int BufferBytes = 1 << 17;

    // Less than this within a minute is a stall; an attempt that adds less than this share of a file, or this much of a large one, failed like the one
    // before. So the attempts have an end, whatever a server does.
    private const int LeastInAMinute = 1 << 12;
    private const int LeastShare = 16;
    private const int LeastAtAnAttempt = 1 << 20;

    private static readonly TimeSpan Stall = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Makes the file appear whole under <paramref name="path"/>; one that is there was checked before and is kept.</summary>
    /// <exception cref="IOException">The connection fails for good: the part is kept. The hash is another: it is not.</exception>
    public async Task RunAsync(HubFile file, string path, CancellationToken cancellation)
    {
        if (File.Exists(path))
        {
            return;
        }

        string part = path + ".part";
        if (new FileInfo(part).LinkTarget is not null)
        {
            // The link goes, and what it leads to stays.
            File.Delete(part);
        }

        await using (FileStream content = new(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
        {
            while (true)
            {
                bool resumed = content.Length > 0;
                await FillAsync(file, content, cancellation);
                HubHash hash = await file.Hash.OfAsync(content, cancellation);
                if (hash == file.Hash)
                {
                    break;
                }

                // A part of an earlier attempt may be the wrong half: one more time from the start.
                content.SetLength(0);
                if (!resumed)
                {
                    throw new IOException(
                        $"{file.Address}: the {file.Bytes} bytes received have {hash}, the hub states {file.Hash}; discarded: try again");
                }
            }

            content.Flush(flushToDisk: true);
        }

        DurableFile.Rename(part, path);
    }

    private async Task FillAsync(HubFile file, FileStream content, CancellationToken cancellation)
    {
        if (content.Length > file.Bytes)
        {
            content.SetLength(0);
        }

        Backoff backoff = new(time, Attempts);
        long furthest = content.Length;
        while (content.Length < file.Bytes)
        {
            try
            {
                await ReceiveAsync(file, content, cancellation);
            }
            catch (TransientHubException failure)
            {
                if (content.Length - furthest >= Math.Min(LeastAtAnAttempt, file.Bytes / LeastShare))
                {
                    furthest = content.Length;
                    backoff.Reset();
                }

                await backoff.PauseAsync(failure, cancellation);
            }
        }
    }

    /// <summary>One answer of the server, added to what is there.</summary>
    private async Task ReceiveAsync(HubFile file, FileStream content, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await hub.OpenAsync(file, content.Length, cancellation);
        bool goesOn = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == content.Length;
        if (!goesOn)
        {
            // The server starts over (200) or has no such range: so does the part.
            content.SetLength(0);
        }

        if (!goesOn && response.StatusCode != HttpStatusCode.OK)
        {
            throw new TransientHubException(
                $"{file.Address}: the server answers {(int)response.StatusCode} to a request of bytes from the middle");
        }

        content.Position = content.Length;
        long start = time.GetTimestamp();
        long first = content.Length;
        TimeSpan reported = TimeSpan.Zero;
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
        using CancellationTokenSource stall = new(Timeout.InfiniteTimeSpan, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, stall.Token);
        byte[] buffer = new byte[BufferBytes];
        stall.CancelAfter(Stall);
        for (long mark = first; content.Length < file.Bytes;)
        {
            if (content.Length - mark >= LeastInAMinute)
            {
                mark = content.Length;
                stall.CancelAfter(Stall);
            }

            int read = await ReadAsync(
                file, body, buffer.AsMemory(0, (int)Math.Min(buffer.Length, file.Bytes - content.Length)), either.Token, cancellation);
            await content.WriteAsync(buffer.AsMemory(0, read), cancellation);
            TimeSpan elapsed = time.GetElapsedTime(start);
            if (elapsed - reported >= ReportEvery || content.Length == file.Bytes)
            {
                reported = elapsed;
                double rate = elapsed > TimeSpan.Zero ? (content.Length - first) / elapsed.TotalSeconds : 0;
                progress?.Report(new DownloadProgress(file.Name, content.Length, file.Bytes, rate));
            }
        }
    }

    private static async Task<int> ReadAsync(
        HubFile file, Stream body, Memory<byte> buffer, CancellationToken either, CancellationToken cancellation)
    {
        Exception? cause = null;
        try
        {
            int read = await body.ReadAsync(buffer, either);
            if (read > 0)
            {
                return read;
            }
        }
        catch (Exception error) when (
            error is IOException or HttpRequestException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            cause = error;
        }

        string how = cause is OperationCanceledException
            ? $"next to nothing came for {Stall.TotalSeconds} s"
            : cause?.Message ?? "the connection ended early";
        throw new TransientHubException($"{file.Address}: {how}; what came is kept: run the command again to go on", cause);
    }
}
