using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.Fuzzing;

namespace AdaptiveKv.Unit.Cli.Fuzzing;

/// <summary>A kind of file that akv reads.</summary>
/// <param name="File">Its name.</param>
/// <param name="Mutators">Of right files.</param>
/// <param name="Read">Reads one, with all that is in it.</param>
internal sealed record FuzzedReader(string File, Func<Random, byte[]>[] Mutators, Action<string> Read)
{
    private const int MostMilliseconds = 1000;

    /// <summary>What lies beside it, from the folder that it was made in; null for nothing.</summary>
    public string? Beside { get; init; }

    /// <summary>What reading may allocate.</summary>
    public long MostBytes { get; init; } = 4 << 20;

    /// <summary>Runs mutants of it.</summary>
    /// <returns>As <see cref="FuzzRun.Over"/>.</returns>
    public (int Read, int Refusals) Over(int count) => FuzzRun.Over(count, Prepare, File, random => Mutators[random.Next(Mutators.Length)](random), Read, MostBytes, MostMilliseconds);

    private string Prepare(TemporaryFolder folder)
    {
        foreach (string path in Beside is null ? [] : Directory.GetFiles(Beside))
        {
            System.IO.File.Copy(path, folder[Path.GetFileName(path)], overwrite: true);
        }

        return folder[File];
    }
}
