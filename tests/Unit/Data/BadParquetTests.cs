using AdaptiveKv.Data;
using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Data;

/// <summary>Parquet's public corpus of files that broke readers: each is one typed error or rows, within caps of memory.</summary>
public sealed class BadParquetTests
{
    private const long MostBytes = 32 << 20;

    [Theory]
    [InlineData("PARQUET-1481", "not supported: unsupported type -7")]
    [InlineData("ARROW-RS-GH-6229-DICTHEADER", "damaged")]
    [InlineData("ARROW-RS-GH-6229-LEVELS", "not supported: column 'outer' is nested (LIST)")]
    [InlineData("ARROW-GH-43605", null)]
    [InlineData("ARROW-GH-45185", null)]
    [InlineData("ARROW-GH-47662", "damaged")]
    public void EachIsAnErrorOrRows(string name, string? fault)
    {
        string path = Path.Combine(SharedFiles.Repository, "tests/Unit/Data/BadParquet", $"{name}.parquet");
        long before = GC.GetAllocatedBytesForCurrentThread();

        Exception? error = Record.Exception(() => Table.Open(path).All().Count());

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        Assert.True((fault is null) == (error is null), $"{error}");
        if (fault is not null)
        {
            Assert.StartsWith($"{path}: {fault}", Assert.IsType<InvalidDataException>(error).Message, StringComparison.Ordinal);
        }
    }
}
