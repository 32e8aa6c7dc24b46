using System.Diagnostics;
using System.Text.RegularExpressions;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.Weights;
using AdaptiveKv.Pipeline.Files;

namespace AdaptiveKv.Unit.Inference.Models.Fuzzing;

/// <summary>Reads mutants: each is taken or refused with a typed error that names the file, soon, and without much memory.</summary>
internal static partial class FuzzRun
{
    private const long MostBytes = 4 << 20;
    private const int Attempts = 5;

    /// <summary>How many times as many mutants AKV_SLOW=1 asks for.</summary>
    public static int Factor { get; } = Environment.GetEnvironmentVariable("AKV_SLOW") == "1" ? 32 : 1;

    /// <summary>Runs mutants 0 to count - 1; the number of a mutant is the seed that makes it.</summary>
    /// <param name="count">How many.</param>
    /// <param name="prepare">Puts what does not change into a folder of its own, once per thread; gives the path to open.</param>
    /// <param name="file">Name of the file that is mutated.</param>
    /// <param name="mutate">Makes a mutant.</param>
    /// <param name="read">Reads a path, with all that is in it; a model where it is not given.</param>
    /// <param name="mostBytes">What reading may allocate.</param>
    /// <param name="mostMilliseconds">What it may take.</param>
    /// <returns>How many were taken, and of those that were not in how many ways they were refused.</returns>
    public static (int Loaded, int Fields) Over(
        int count, Func<TemporaryFolder, string> prepare, string file, Func<Random, byte[]> mutate, Action<string>? read = null, long mostBytes = MostBytes, int mostMilliseconds = 100)
    {
        int loaded = 0;
        HashSet<string> fields = [];
        SortedDictionary<string, string> wrong = new(StringComparer.Ordinal);
        Parallel.For(0, Environment.ProcessorCount, worker =>
        {
            using TemporaryFolder folder = new();
            string path = prepare(folder);
            using ScratchFile scratch = new(folder[file]);
            for (int seed = worker; seed < count; seed += Environment.ProcessorCount)
            {
                scratch.Write(mutate(new Random(seed)));
                (string? refused, string? fault) = Check(read ?? OpenModel, path, folder.Path, mostBytes, TimeSpan.FromMilliseconds(mostMilliseconds));
                lock (fields)
                {
                    loaded += refused is null ? 1 : 0;
                    fields.Add(refused ?? "");
                    wrong.TryAdd(fault ?? "", $"mutant {seed}: {fault}");
                }
            }
        });
        wrong.Remove("");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Values));
        return (loaded, fields.Count);
    }

    private static (string? Refused, string? Fault) Check(Action<string> read, string path, string folder, long mostBytes, TimeSpan mostTime)
    {
        // A pause of the whole process is no fault of the reader: only what is slow every time is.
        for (int attempt = 1; ; attempt++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            (string? refused, string? fault) = Open(read, path, folder);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (fault is not null || time <= mostTime || attempt == Attempts)
            {
                return (refused, fault ?? (time > mostTime ? $"takes more than {mostTime.TotalMilliseconds} ms" : allocated > mostBytes ? $"takes {allocated >> 20} MB, more than {mostBytes >> 20}" : null));
            }
        }
    }

    private static (string? Refused, string? Fault) Open(Action<string> read, string path, string folder)
    {
        try
        {
            read(path);
            return (null, null);
        }
        catch (ModelFormatException error)
        {
            return (error.Field, null);
        }
        catch (Exception error) when (error is FileNotFoundException or InvalidDataException or ConfigurationException && error.Message.Contains(folder, StringComparison.Ordinal))
        {
            return (Numbers().Replace(error.Message.Replace(folder, "", StringComparison.Ordinal), "0"), null);
        }
        catch (Exception error)
        {
            return ("", $"{error.GetType().Name}: {Numbers().Replace(error.Message, "0")} {error.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("AdaptiveKv.", StringComparison.Ordinal))}");
        }
    }

    private static void OpenModel(string path)
    {
        using ModelSource model = ModelFormats.Open(path);
        ModelVerification.Verify(model);
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Numbers();
}
