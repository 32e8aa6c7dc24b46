using AdaptiveKv.Tests;
using Parquet.Serialization;

namespace AdaptiveKv.EndToEnd;

/// <summary>Data and options that cannot be used: one clear line each and the right exit code.</summary>
public sealed class BadInputTests : IDisposable
{
    private const int Usage = 2;
    private const int BadData = 65;
    private const int MissingInput = 66;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{"item": 2, "context": "a", "endings": ["b", "c"], "label": 2}""", "label")]
    [InlineData("""{"item": 2, "context": "a", "endings": ["b"], "label": 0}""", "endings")]
    [InlineData("""{"item": 2, "endings": ["b", "c"], "label": 0}""", "context")]
    [InlineData("""{"item": 2, "context": "a", "endings": ["b", "c"], "label": 0""", "JSON")]
    public void AWrongLineIsNamedByItsNumber(string line, string words)
    {
        string right = File.ReadLines(Items).First();
        string data = folder.PathOf("items.jsonl");
        File.WriteAllLines(data, [right, line, right]);

        Evaluate("--data", data).IsRefused(BadData, "items.jsonl", "2", words);
    }

    [Fact]
    public void AMissingDataFileIsNamed() => Evaluate("--data", folder.PathOf("absent.jsonl")).IsRefused(MissingInput, "absent.jsonl");

    [Fact]
    public void AMissingModelIsNamed() => Akv.Run("evaluate", "--model", folder.PathOf("absent.gguf"), "--data", Items).IsRefused(MissingInput, "absent.gguf");

    [Fact]
    public void AnUnknownPolicyGetsTheNearestName() =>
        Evaluate("--data", Items, "--policies", "static-16,statik-4").IsRefused(Usage, "'statik-4'", "did you mean 'static-4'");

    [Fact]
    public void AnUnknownModeListsTheKnownOnes() => Evaluate("--data", Items, "--mode", "fast").IsRefused(Usage, "fast", "two-pass");

    [Fact]
    public void AModelAsDataIsNoData() => Evaluate("--data", SharedFiles.MicroModel).IsRefused(BadData, "GGUF");

    [Fact]
    public void ScoresNeedAFolder() =>
        Akv.Run("evaluate", "--model", SharedFiles.MicroModel, "--data", Items, "--scores", folder.PathOf("absent/scores.jsonl"))
            .IsRefused(MissingInput, "create it first");

    [Fact]
    public async Task ATableThatClaimsWhatItHasNotIsRefusedInLittleMemory()
    {
        Dictionary<string, string> limit = new() { ["DOTNET_GCHeapHardLimit"] = "0x8000000" };
        string path = folder.PathOf("table.parquet");
        await ParquetSerializer.SerializeAsync(Enumerable.Range(0, 1000).Select(number => new Row(number)), path, cancellationToken: TestContext.Current.CancellationToken);
        Outcome whole = Akv.RunWith(limit, "data", "head", path);
        Assert.True(whole.Code == 0, whole.Error);

        // The head of the first page, behind the file's mark: its least value has 860 million bytes. Parquet.Net makes room for them before it reads.
        byte[] content = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        byte[] head = [0x15, 0, 0x15, 0x80, 1, 0x15, 0x80, 1, 0x2C, 0x15, 0x80, 1, 0x15, 0, 0x15, 6, 0x15, 6, 0x1C, 0x28, 0x80, 0xD2, 0x89, 0x9A, 3];
        head.CopyTo(content, 4);
        await File.WriteAllBytesAsync(path, content, TestContext.Current.CancellationToken);

        Akv.RunWith(limit, "data", "head", path).IsRefused(BadData, path, "more memory than there is, or it is damaged");
    }

    private static string Items => Path.Combine(SharedFiles.Micro, "items_validation.jsonl");

    private static Outcome Evaluate(params string[] arguments) => Akv.Run(["evaluate", "--model", SharedFiles.MicroModel, .. arguments]);

    private sealed record Row(double Number);
}
