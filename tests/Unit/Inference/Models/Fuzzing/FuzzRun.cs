using System.Diagnostics;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.Weights;

namespace AdaptiveKv.Unit.Inference.Models.Fuzzing;

/// <summary>Opens and reads mutants: each loads or is refused with a typed error, soon, and without much memory.</summary>
internal static class FuzzRun
{
    private const long MostBytes = 4 << 20;
    private static readonly TimeSpan MostTime = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs mutants 0 to count - 1; the number of a mutant is the seed that makes it.</summary>
    /// <param name="count">How many.</param>
    /// <param name="prepare">Puts what does not change into a folder of its own, once per thread; gives the path to open.</param>
    /// <param name="file">Name of the file that is mutated.</param>
    /// <param name="mutate">Makes a mutant.</param>
    /// <returns>How many loaded, and the messages of those that did not, by their fields.</returns>
    public static (int Loaded, int Fields) Over(int count, Func<TemporaryFolder, string> prepare, string file, Func<Random, byte[]> mutate)
    {
        int loaded = 0;
        HashSet<string> fields = [];
        Parallel.For(0, Environment.ProcessorCount, worker =>
        {
            using TemporaryFolder folder = new();
            string path = prepare(folder);
            using ScratchFile scratch = new(folder[file]);
            for (int seed = worker; seed < count; seed += Environment.ProcessorCount)
            {
                scratch.Write(mutate(new Random(seed)));
                string? refused = Check(path, seed);
                lock (fields)
                {
                    loaded += refused is null ? 1 : 0;
                    fields.Add(refused ?? "");
                }
            }
        });
        return (loaded, fields.Count);
    }

    private static string? Check(string path, int seed)
    {
        // A pause of the whole process is no fault of the reader: only what is slow three times is.
        for (int attempt = 1; ; attempt++)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            string? refused = Open(path, seed);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.True(allocated <= MostBytes, $"mutant {seed} took {allocated} bytes");
            if (time <= MostTime)
            {
                return refused;
            }

            Assert.True(attempt < 3, $"mutant {seed} took {time.TotalMilliseconds} ms");
        }
    }

    private static string? Open(string path, int seed)
    {
        try
        {
            using ModelSource model = ModelFormats.Open(path);
            ModelVerification.Verify(model);
            return null;
        }
        catch (ModelFormatException error)
        {
            return error.Field;
        }
        catch (FileNotFoundException error)
        {
            return error.FileName;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"mutant {seed}: unhandled {error.GetType().Name}", error);
        }
    }
}
