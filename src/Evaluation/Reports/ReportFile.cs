using System.Text;

namespace AdaptiveKv.Evaluation.Reports;

/// <summary>Result files that appear under their name whole or not at all.</summary>
public static class ReportFile
{
    /// <summary>Writes a text in UTF-8.</summary>
    /// <exception cref="IOException">The disk is full or the folder is missing; a file that was there is unchanged.</exception>
    public static void Write(string path, string content) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(content)));

    /// <summary>Writes under a temporary name beside the file, flushes to the disk, and renames over what was there.</summary>
    internal static void Write(string path, Action<Stream> content)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                content(stream);
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
