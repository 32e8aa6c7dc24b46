using System.Text.Json;
using AdaptiveKv.Files;

namespace AdaptiveKv.Evaluation.Tables;

/// <summary>Per-item scores as JSON lines, one per item and policy.</summary>
public static class ScoreFile
{
    /// <summary>Writes the file whole or not at all.</summary>
    /// <exception cref="IOException">The disk is full or the folder is missing; a file that was there is unchanged.</exception>
    public static void Write(string path, IEnumerable<ItemResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        OutputFile.Write(path, stream =>
        {
            foreach (ItemResult result in results)
            {
                JsonSerializer.Serialize(stream, result, ReportJson.Default.ItemResult);
                stream.WriteByte((byte)'\n');
            }
        });
    }
}
