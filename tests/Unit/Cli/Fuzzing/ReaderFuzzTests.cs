using AdaptiveKv.Unit.Inference.Models;

namespace AdaptiveKv.Unit.Cli.Fuzzing;

/// <summary>
/// Mutants of every kind of file that akv reads beside models: each is read, or refused by an error that names the file, soon and without much memory.
/// With AKV_SLOW=1 and those of models two million.
/// </summary>
public sealed class ReaderFuzzTests(ITestOutputHelper output)
{
    private static readonly int Mutants = Environment.GetEnvironmentVariable("AKV_SLOW") == "1" ? 15_000 : 400;

    public static TheoryData<string> Readers => [.. PipelineReaders.All.Concat(DataReaders.All).Concat(ModelReaders.All).Select(reader => reader.Key)];

    [Theory]
    [MemberData(nameof(Readers))]
    public void MutantsAreReadOrRefused(string kind)
    {
        using TemporaryFolder folder = new();
        FuzzedReader reader = PipelineReaders.All.Concat(DataReaders.All).Concat(ModelReaders.All).First(reader => reader.Key == kind).Value(folder);

        (int read, int refusals) = reader.Over(Mutants);

        output.WriteLine($"{kind}: {Mutants} mutants, {read} read, {Mutants - read} refused in {refusals} ways");
        Assert.InRange(read, 1, Mutants);
    }
}
