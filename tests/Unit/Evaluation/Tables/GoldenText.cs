using AdaptiveKv.Tests;

namespace AdaptiveKv.Unit.Evaluation.Tables;

/// <summary>Whole outputs kept as files; a wanted change is made by copying the output over the file.</summary>
internal static class GoldenText
{
    public static void AssertEqual(string file, string actual)
    {
        string path = Path.Combine(SharedFiles.Repository, "tests", "Unit", file.Contains('/') ? file : $"Evaluation/Tables/Golden/{file}");
        if (!File.Exists(path) || File.ReadAllText(path) != actual)
        {
            string copy = Path.Combine(Path.GetTempPath(), Path.GetFileName(file));
            File.WriteAllText(copy, actual);
            Assert.Fail($"the output differs from {path}; it was kept as {copy}:\n{actual}");
        }
    }
}
