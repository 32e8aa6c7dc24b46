using System.Text.Json;

namespace AdaptiveKv.Evaluation.Reports;

/// <summary>Per-item scores as JSON lines, one per item and policy.</summary>
public static class ScoreFile
{
    /// <summary>
    /// Writes the file whole or not at all: under a temporary name beside it, flushed to the disk, then renamed over what was there.
    /// </summary>
    /// <exception cref="IOException">The disk is full or the folder is missing; a file that was there is unchanged.</exception>
    public static void Write(string path, IEnumerable<ItemResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                foreach (ItemResult result in results)
                {
                    JsonSerializer.Serialize(stream, result, ReportJson.Default.ItemResult);
                    stream.WriteByte((byte)'\n');
                }

                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
