using AdaptiveKv.Evaluation;
using AdaptiveKv.Evaluation.Tables;

namespace AdaptiveKv.Unit.Evaluation.Tables;

public sealed class ScoreFileTests : IDisposable
{
    private static readonly ItemResult Result = new("7", "static-4", 1, 1, 1, 0, [-3.5, -2.25], [3, 3], [3, 4], [2, 3], 9, 1024, 7, 4.5, 12.5);

    private readonly string folder = Directory.CreateTempSubdirectory("akv-scores-").FullName;

    private string File => Path.Combine(folder, "scores.jsonl");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Each_result_is_a_line()
    {
        ScoreFile.Write(File, [Result, Result with { Policy = "static-2" }]);

        Assert.Equal(
            """
            {"item":"7","policy":"static-4","label":1,"choice":1,"choice_norm":1,"choice_bytes":0,"log_likelihood":[-3.5,-2.25],"ending_characters":[3,3],"ending_bytes":[3,4],"ending_tokens":[2,3],"tokens":9,"cache_bytes":1024,"cached_tokens":7,"effective_bits":4.5,"milliseconds":12.5}
            {"item":"7","policy":"static-2","label":1,"choice":1,"choice_norm":1,"choice_bytes":0,"log_likelihood":[-3.5,-2.25],"ending_characters":[3,3],"ending_bytes":[3,4],"ending_tokens":[2,3],"tokens":9,"cache_bytes":1024,"cached_tokens":7,"effective_bits":4.5,"milliseconds":12.5}

            """.ReplaceLineEndings("\n"),
            System.IO.File.ReadAllText(File));
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_failure_leaves_the_former_file_and_nothing_else()
    {
        System.IO.File.WriteAllText(File, "former");

        Assert.Throws<InvalidOperationException>(() => ScoreFile.Write(File, FailAfterOne()));
        Assert.Equal("former", System.IO.File.ReadAllText(File));
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_missing_folder_is_an_error() =>
        Assert.Throws<DirectoryNotFoundException>(() => ScoreFile.Write(Path.Combine(folder, "none", "scores.jsonl"), [Result]));

    private static IEnumerable<ItemResult> FailAfterOne()
    {
        yield return Result;
        throw new InvalidOperationException("broken");
    }
}
