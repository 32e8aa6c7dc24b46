using System.Text.RegularExpressions;

namespace AdaptiveKv.Conventions;

/// <summary>There is one way to write a file, which knows links, devices, pipes and full disks.</summary>
public sealed partial class OutputTests
{
    // A download that goes on where it stopped.
    private static readonly string[] Exceptions = ["src/Inference/Models/Hub/FileDownload.cs"];

    [Fact]
    public void OnlyTheOutputWriterWritesFiles() =>
        Rule.Holds(SourceTree.Product.Except(SourceTree.ProductIn("src/Files/")).Where(file => !Exceptions.Contains(file.Path)).FindInCode(Writing()));

    [GeneratedRegex(@"\bFile\.(WriteAll|AppendAll|Append|Create|Copy|Move|Replace|OpenWrite)|\bFileMode\.(Create|CreateNew|Append|OpenOrCreate|Truncate)\b|\bnew StreamWriter\([^,)]*[pP]ath")]
    private static partial Regex Writing();
}
